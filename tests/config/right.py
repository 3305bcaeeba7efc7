"""A configuration that is right, with one part of each sort in it."""

from __future__ import annotations

import re

RIGHT = """\
timezone: Europe/Amsterdam
channel: "#operations"
people:
  boss: chi@example.com
severities:
  critical: {acknowledge_within: 5m}
  warning:
    acknowledge_within: 1h
checks:
  root-disk:
    kind: disk
    path: /
    mount: false
    title: Disk of the shop
    every: 5m
    timeout: 20s
    info: used_percent > 50
    warning: used_percent > 80
    critical: used_percent > 90 || free_bytes < 1000000000
    open_after: 3
    close_after: 15m
    escalation: climb
    labels: {team: shop}
  shop:
    kind: http
    url: https://shop.example.com/health
    method: GET
    samples: 3
    verify: true
    contains: ready
    headers_present: [strict-transport-security]
    json: {queue_depth: queues.mail.depth}
    critical: status != 200 || queue_depth > 100
  database: {kind: tcp, host: db.example.com, port: 5432}
  backups:
    kind: files
    path: /var/backups/shop-*.gz
    one_per_day: 7
    may_be_empty: false
    warning: newest_age_s > 93600
  application:
    kind: log
    path: /var/log/shop/app.log
    window: 1h
    patterns: {refused: connection refused}
    critical: refused > 10
  names: {kind: dns, name: www.example.com, type: AAAA}
  self-test:
    kind: command
    argv: [/opt/shop/bin/self-test, --quick]
    env: {MODE: quick}
    cwd: /tmp
  certificate: {kind: tls, host: www.example.com, starttls: smtp}
checklists:
  morning:
    title: Morning health check
    schedule: weekdays at 09:00
    except: ["2026-12-25"]
    due_in: 30m
    overdue: escalate
    post: problems
    escalation: climb
    at_start: true
    items:
      - section: System health
      - root-disk
      - check: shop
        link: https://grafana.example.com/d/shop
      - manual: Review the security dashboard
        id: security
        how: Sort by severity.
        owner: user:boss
        evidence: note
  month-end:
    cron: 0 10 1 * *
    items: [database, backups]
  by-hand:
    items: [application, names, self-test, certificate]
escalations:
  climb:
    - {after: 0m, notify: ["user:ann"]}
    - after: 15m
      notify: ["usergroup:sre", "user:boss"]
"""


def broken(right: str, wrong: str, at: str = "") -> tuple[str, int]:
    """The configuration with one mistake, and the line at which it is to be told."""
    # A key is a whole word: `after:` is not the end of `open_after:`.
    found = re.search(rf"(?<![\w-]){re.escape(right)}" if re.match(r"\w", right) else re.escape(right), RIGHT)
    assert found, right
    text = RIGHT[: found.start()] + wrong + RIGHT[found.end() :]
    position = text.index(at) if at else found.start()
    return text, text[:position].count("\n") + 1
