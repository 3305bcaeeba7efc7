"""Which block may stand where (docs.slack.dev/reference/block-kit/blocks; compared with slackblocks in a test)."""

from collections.abc import Mapping

MESSAGE = frozenset(
    {
        "actions",
        "card",
        "carousel",
        "container",
        "context",
        "context_actions",
        "data_table",
        "data_visualization",
        "divider",
        "file",
        "header",
        "image",
        "input",
        "markdown",
        "plan",
        "rich_text",
        "section",
        "table",
        "task_card",
        "video",
    }
)
HOME = MESSAGE - {"context_actions", "file", "markdown", "plan", "task_card"}
MODAL = (HOME - {"carousel", "container", "data_table", "data_visualization", "table"}) | {"alert"}
SURFACES: Mapping[str, frozenset[str]] = {"message": MESSAGE, "modal": MODAL, "home": HOME}
