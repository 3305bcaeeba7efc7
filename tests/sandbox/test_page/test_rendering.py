"""What the bot writes is shown as Slack shows it, and can never become more than text."""

from typing import Any

from playwright.async_api import expect

from tests.sandbox.test_page.visiting import Visit, actions, button, hook, message, plain, section
from tests.sandbox.town import Json, Start, Town

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> <!here> <@U1> & \u202e\x07"
)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


async def post(town: Town, **what: Any) -> str:
    answer = await town.client().chat_postMessage(channel="C1", **{"text": "see the blocks", **what})
    return str(answer["ts"])


async def test_an_escaped_mention_is_text_and_a_real_one_is_a_mention(town: Town, visit: Visit) -> None:
    ts = await post(town, text="&lt;!here&gt; <!here> &lt;@U1&gt; <@U1> <!subteam^S1> <#C2> &amp;lt;")
    page = await visit(town)
    text = message(page, ts).locator(".text")
    await expect(text).to_have_text("<!here> @here <@U1> @Ann @sre #general &lt;")
    await expect(text.locator(".mention")).to_have_text(["@here", "@Ann", "@sre", "#general"])


async def test_hostile_text_stays_text_wherever_it_stands(town: Town, visit: Visit) -> None:
    said = escaped(HOSTILE)
    words = HOSTILE.replace("\x07", "")
    ts = await post(
        town,
        blocks=[
            section(said, fields=[{"type": "mrkdwn", "text": said}, plain(words)]),
            {"type": "header", "text": plain(words)},
            {"type": "context", "elements": [plain(words)]},
            actions(button("go", words[:70])),
            {"type": "markdown", "text": words},
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": words}]},
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]},
                ],
            },
        ],
    )
    page = await visit(town)
    card = message(page, ts)
    await expect(card.locator(".section-text")).to_contain_text("<script>document.title='owned'</script>")
    await expect(card.locator(".rich-section")).to_contain_text("<!here> <@U1> &")
    assert await card.locator("script, img, iframe, .mention").count() == 0
    assert "owned" not in await page.title()


async def test_only_web_and_mail_addresses_become_links(town: Town, visit: Visit) -> None:
    ts = await post(
        town,
        text="<javascript:alert(1)|press me> <https://example.com/a?b=1&amp;c=2|docs> <mailto:a@example.com|mail> "
        "https://example.com/bare. and `https://example.com/code`",
    )
    page = await visit(town)
    links = message(page, ts).locator(".text a")
    addresses = [await link.get_attribute("href") for link in await links.all()]
    assert addresses == ["https://example.com/a?b=1&c=2", "mailto:a@example.com", "https://example.com/bare"]
    for link in await links.all():
        assert await link.get_attribute("rel") == "noopener noreferrer"
        assert await link.get_attribute("target") == "_blank"
    await expect(message(page, ts)).to_contain_text("press me")


async def test_verbatim_text_is_not_linked(town: Town, visit: Visit) -> None:
    words = {"type": "mrkdwn", "text": "https://example.com", "verbatim": True}
    ts = await post(town, blocks=[{"type": "section", "text": words}])
    page = await visit(town)
    await expect(message(page, ts)).to_contain_text("https://example.com")
    assert await message(page, ts).locator("a").count() == 0


async def test_formatting_follows_slack_not_markdown(town: Town, visit: Visit) -> None:
    ts = await post(
        town, text="*bold* _italic_ ~gone~ `code` 2 * 3 * 4 a_b_c *not\nbold*\n&gt; quoted\n```a *b*\n<@U2>```"
    )
    page = await visit(town)
    text = message(page, ts).locator(".text")
    await expect(text.locator("strong")).to_have_text(["bold"])
    await expect(text.locator("em")).to_have_text(["italic"])
    await expect(text.locator("s")).to_have_text(["gone"])
    await expect(text.locator("code")).to_have_text(["code", "a *b*\n@Ben"])
    await expect(text.locator("blockquote")).to_have_text(["quoted"])


async def test_a_date_is_shown_in_the_zone_of_the_reader(start: Start, visit: Visit) -> None:
    people = [{"id": "U1", "name": "ann", "tz": "Europe/Amsterdam"}, {"id": "U2", "name": "ben", "tz": "Asia/Tokyo"}]
    town = await start(people=people, usergroups=[])
    ts = await post(
        town, text="<!date^1392734382^{date_num} {time_secs}|14:39 UTC> <!date^1392734382^{nonsense}|as written>"
    )
    page = await visit(town, "?as=U1#C1")
    await expect(message(page, ts).locator(".text")).to_have_text("2014-02-18 15:39:42 as written")
    page = await visit(town, "?as=U2#C1")
    await expect(message(page, ts).locator(".text")).to_have_text("2014-02-18 23:39:42 as written")


async def test_shortcodes_are_drawn_and_unknown_ones_stay(town: Town, visit: Visit) -> None:
    ts = await post(town, text=":warning: :made_up_thing: 10:30:45")
    page = await visit(town)
    await expect(message(page, ts).locator(".text [data-emoji]")).to_have_count(1)
    await expect(message(page, ts).locator(".text")).to_have_text(" :made_up_thing: 10:30:45", use_inner_text=True)


BLOCKS: dict[str, Json] = {
    "table": {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "Host"}], [{"type": "raw_text", "text": "web-1"}]],
    },
    "data_table": {
        "type": "data_table",
        "caption": "Slow",
        "rows": [[{"type": "raw_text", "text": "Path"}], [{"type": "raw_text", "text": "/a"}]],
    },
    "pie": {
        "type": "data_visualization",
        "title": "Outcomes",
        "chart": {"type": "pie", "segments": [{"label": "ok", "value": 41}, {"label": "bad", "value": 2}]},
    },
    "line": {
        "type": "data_visualization",
        "title": "Latency",
        "chart": {
            "type": "line",
            "series": [{"name": "eu", "data": [{"label": "Mon", "value": 120.5}, {"label": "Tue", "value": 98}]}],
            "axis_config": {"categories": ["Mon", "Tue"], "y_label": "ms"},
        },
    },
    "card": {"type": "card", "title": {"type": "mrkdwn", "text": "*Runbook*"}},
    "container": {"type": "container", "title": plain("More"), "child_blocks": [section("inside")]},
    "plan": {"type": "plan", "title": "Restart", "tasks": [{"task_id": "1", "title": "Look", "status": "complete"}]},
    "markdown": {"type": "markdown", "text": "# Title\n- one\n- **two**"},
    "divider": {"type": "divider"},
}


async def test_every_block_of_a_message_is_drawn(start: Start, visit: Visit) -> None:
    town = await start(rate_limits=False)
    posted = {name: await post(town, blocks=[block]) for name, block in BLOCKS.items()}
    page = await visit(town)
    for name, ts in posted.items():
        await expect(message(page, ts).locator(f".block-{BLOCKS[name]['type']}"), name).to_be_visible()
    await expect(page.locator(".unknown-block")).to_have_count(0)


async def test_a_block_that_the_page_does_not_know_is_named_in_red(town: Town, visit: Visit) -> None:
    ts = await post(town, text="plain")
    stored = town.slack.workspace.channels["C1"].messages[ts]
    stored.blocks = [{"type": "hologram", "block_id": "h"}]
    page = await visit(town)
    await expect(message(page, ts).locator(".unknown-block")).to_contain_text("hologram")


async def test_a_chart_has_its_numbers_in_words(town: Town, visit: Visit) -> None:
    ts = await post(town, blocks=[BLOCKS["line"]])
    page = await visit(town)
    figure = message(page, ts).locator("figure")
    await expect(figure.locator("svg[role=img]")).to_have_attribute(
        "aria-label", "line chart: Latency. The numbers follow as a table."
    )
    await figure.locator("summary").click()
    await expect(figure.locator("tbody tr")).to_have_text(["Mon120.5", "Tue98"])


async def test_an_incident_card_has_its_colour_and_its_blocks(town: Town, visit: Visit) -> None:
    ts = await post(
        town, text="#12 critical", attachments=[{"color": "#d0313d", "blocks": [section("*root-disk* is full")]}]
    )
    page = await visit(town)
    card = message(page, ts).locator('[data-testid="attachment"]')
    await expect(card).to_contain_text("root-disk is full")
    assert await card.evaluate("(node) => node.style.getPropertyValue('--bar')") == "#d0313d"


async def test_an_update_shows_edited_only_if_slack_says_so(town: Town, visit: Visit) -> None:
    words, drawn = await post(town, text="first"), await post(town, blocks=[section("first")])
    page = await visit(town)
    await expect(message(page, drawn)).to_contain_text("first")
    await town.client().chat_update(channel="C1", ts=words, text="second")
    await town.client().chat_update(channel="C1", ts=drawn, text="x", blocks=[section("second")])
    await expect(message(page, words).locator(".text")).to_have_text("second (edited)")
    await expect(message(page, drawn).locator(".content")).to_have_text("second")


async def test_an_ephemeral_message_is_for_one_person(town: Town, visit: Visit) -> None:
    await town.client().chat_postEphemeral(channel="C1", user="U1", text="a secret for Ann")
    page = await visit(town, "?as=U1#C1")
    await expect(hook(page, "messages")).to_contain_text("Only visible to you")
    page = await visit(town, "?as=U2#C1")
    await expect(hook(page, "messages")).to_contain_text("Nothing has been said here yet")


async def test_bare_names_become_references_where_slack_may_make_them_so(town: Town, visit: Visit) -> None:
    """A text object that is not verbatim may ping; the same words elsewhere do not."""
    words = "@here see #general, #nowhere, a@here.example and https://example.com/#general"
    parsed = await post(town, blocks=[section(words)])
    verbatim = {"type": "mrkdwn", "text": words, "verbatim": True}
    quiet = await post(town, text="x", blocks=[{"type": "section", "text": verbatim}])
    plainly = await post(town, text=words)
    page = await visit(town)
    await expect(message(page, parsed).locator(".mention")).to_have_text(["@here", "#general"])
    for ts in (quiet, plainly):
        await expect(message(page, ts)).to_contain_text("see #general")
        await expect(message(page, ts).locator(".mention")).to_have_count(0)


async def test_pins_and_bookmarks_are_seen(start: Start, visit: Visit) -> None:
    town = await start(scopes=["chat:write", "pins:write", "bookmarks:write"])
    ts = await post(town, text="the runbook")
    await town.client().pins_add(channel="C1", timestamp=ts)
    bookmark = {"title": "Board <b>", "type": "link", "link": "https://example.com/board"}
    await town.client().bookmarks_add(channel_id="C1", **bookmark)
    page = await visit(town)
    await expect(message(page, ts)).to_contain_text("Pinned")
    board = page.get_by_role("navigation", name="Bookmarks").get_by_role("link", name="Board <b>")
    await expect(board).to_have_attribute("href", "https://example.com/board")
    await town.client().pins_remove(channel="C1", timestamp=ts)
    await expect(message(page, ts)).not_to_contain_text("Pinned")
