# Rounds in a container. No shell of ours, no root, one folder to write to: /data.
#   docker build -t rounds . && docker run -e SLACK_BOT_TOKEN -e SLACK_APP_TOKEN -v ./rounds.yml:/etc/rounds/rounds.yml -v rounds:/data rounds
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/dev.txt requirements/run.txt requirements/
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE manifest.yml ./
COPY bot bot
COPY commands commands
COPY checks checks
COPY storage storage
COPY sandbox sandbox
# The build tool comes from the lock as well, into an environment that is thrown away.
RUN python -m venv /build \
 && /build/bin/pip install --no-cache-dir --require-hashes -r requirements/dev.txt \
 && /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation -w /wheels . \
 && /venv/bin/pip install --no-cache-dir --no-deps /wheels/*.whl

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data rounds
COPY --from=build /venv /venv
COPY examples /examples
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ROUNDS_CONFIG=/etc/rounds/rounds.yml \
    DATABASE_URL=sqlite:////data/rounds.db
USER rounds
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["rounds", "health"]
ENTRYPOINT ["rounds"]
CMD ["serve"]
