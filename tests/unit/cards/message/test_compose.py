"""The compose box's HTML as the Markdown that messages are written in."""

from __future__ import annotations

import pytest

from cards.message.compose import from_html

EMOJI = (
    '<span class="animated-emoticon-20-smile" title="Smiley" type="(smile)"><img itemid="smile" '
    'itemscope itemtype="http://schema.skype.com/Emoji" src="https://statics.example/20.png" '
    'alt="😄" style="width:20px; height:20px"></span>'
)
MENTION = '<span itemtype="http://schema.skype.com/Mention" itemscope itemid="0">Adele Vance</span>'


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        # Paragraphs and lines.
        ("plain", "plain"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one</p><p>&nbsp;</p><p>two</p>", "one\n\ntwo"),
        ("<div><div>one</div><div>two</div></div>", "one\ntwo"),
        ("<p>a<br>b<br/><br>c</p>", "a\nb\n\nc"),
        (
            '<div>\r\n<div itemprop="copy-paste-block">\n\r\n<div style="font-size:14px">'
            "<strong>bold</strong></div>\n</div>\n</div>",
            "**bold**",
        ),
        # Emphasis.
        ("<p><strong>a</strong> <b>b</b> <em>c</em> <i>d</i></p>", "**a** **b** *c* *d*"),
        ("<p><s>a</s> <strike>b</strike> <del>c</del></p>", "~~a~~ ~~b~~ ~~c~~"),
        ("<p>x<strong> a </strong>y</p>", "x **a** y"),
        ("<p><strong><em>both</em></strong></p>", "***both***"),
        # Lists.
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", "- a\n- b\n\nc"),
        ("<ol><li>a</li><li><p>b</p></li></ol>", "1. a\n2. b"),
        (
            "<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li></ul>",
            "- a\n  - b\n    1. c\n- d",
        ),
        # Headings, code, quotes.
        ("<h1>a</h1><h2><strong>b</strong></h2><h3>c</h3><p>d</p>", "# a\n\n## b\n\n### c\n\nd"),
        ("<p>use <code>x *y*</code></p>", "use `x *y*`"),
        ("<pre><code>def f():<br>  pass</code></pre>", "```\ndef f():\n  pass\n```"),
        ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"),
        # Links.
        (
            '<p><a href="https://a.example/?x=1&amp;y=[EMAIL]" title="t">a page</a></p>',
            "[a page](https://a.example/?x=1&y=[EMAIL])",
        ),
        ('<p><a href="https://a.example">https://a.example</a></p>', "https://a.example"),
        ('<p><a href="https://a.example/x_(y)">w</a></p>', "[w](https://a.example/x_%28y%29)"),
        # Emoji are what they stand for, people by their name.
        (f"<p>nice {EMOJI} <emoji alt='👍'></emoji></p>", "nice 😄 👍"),
        (f"<p>{MENTION}&nbsp;and <at id='0'>Megan</at></p>", "Adele Vance and Megan"),
        # What was typed stays what was typed.
        ("<p>2 * 3 * 4, a_b_c, _x_, `y`</p>", r"2 \* 3 \* 4, a_b_c, \_x\_, \`y\`"),
        ("<p># a</p><p>- b</p><p>1. c</p><p>&gt; d</p>", "\\# a\n\n\\- b\n\n1\\. c\n\n\\> d"),
        ("<p>[x](http://e.example) &lt;b&gt; AT&amp;T</p>", r"[x]\(http://e.example) \<b> AT&T"),
        ("<p>[FIRSTNAME|dear *you*] [LASTNAME]</p>", "[FIRSTNAME|dear *you*] [LASTNAME]"),
        ("<p>مرحبا <strong>بكم</strong></p>", "مرحبا **بكم**"),
        # Nothing runs.
        ("<script>alert(1)</script><style>p {}</style><p onclick='x()'>a</p>", "a"),
        ("", ""),
        ("<p><img src='https://a.example/x.png' alt='A chart'></p>", ""),
    ],
)
def test_formatting_is_kept(html: str, markdown: str) -> None:
    assert from_html(html).markdown == markdown


@pytest.mark.parametrize(
    ("html", "lost", "markdown"),
    [
        ("<p><strong>a</strong> <code>b</code></p>", [], "**a** `b`"),
        ("<p><u>a</u> <u>b</u></p>", ["underlining"], "a b"),
        ("<p>a<img src='https://a.example/x.png' alt='A chart'></p>", ["pictures"], "a"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td><p>1</p></td><td>2</td></tr></table>",
            ["tables (each row is a line now)"],
            "a · b\n1 · 2",
        ),
        ("<p>x<sup>2</sup></p>", ["raised and lowered letters"], "x2"),
        ('<p style="color:red">a</p>', ["colours"], "a"),
        ('<p><span style="font-size:24px">a</span></p>', ["sizes of letters"], "a"),
        (f"<p>{MENTION}</p>", ["mentions (the names are plain text now)"], "Adele Vance"),
        (
            "<ul><li><s>a</s> <code>b</code></li></ul>",
            ["strike-through and code within lists"],
            "- a b",
        ),
    ],
)
def test_what_can_not_be_kept_is_named_and_its_words_are_kept(
    html: str, lost: list[str], markdown: str
) -> None:
    written = from_html(html)
    assert list(written.lost) == lost
    assert written.markdown == markdown


def test_the_deepest_nesting_does_no_harm() -> None:
    assert "deep" in from_html("<b>" * 5_000 + "deep").markdown
