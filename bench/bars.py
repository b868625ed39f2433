"""Bars as SVG: a small panel for each workload, hebb's bar above those of its peers."""
from xml.sax.saxutils import escape

COLUMNS, WIDTH, MARGIN = 3, 1080, 24
LABELS, BAR, GAP, HEAD = 104, 15, 5, 44  # room for the names; a bar's height; between bars; a panel's title
INK, FAINT, RULE, HEBB, PEER = "#1f2933", "#66727f", "#e3e7eb", "#d9480f", "#a9b4c0"
FONT = "font-family=\"-apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif\""


def number(milliseconds):
    """Three digits, without an exponent: "0.0336 ms", "11.3 ms", "258 ms"."""
    text = f"{milliseconds:.3g}"
    return (f"{milliseconds:.0f}" if "e" in text else text) + " ms"


def text(x, y, words, size=12, color=INK, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(words)}</text>')


def panel(x, y, width, title, below, times):
    """`times`: (name, milliseconds), hebb's first. All bars of a panel share a scale that begins at zero."""
    shapes = [text(x, y + 14, title, 14, weight="600"), text(x, y + 31, below, 11, FAINT)]
    left, room = x + LABELS, width - LABELS - 62
    longest = max(milliseconds for _, milliseconds in times)
    for index, (name, milliseconds) in enumerate(times):
        top, own = y + HEAD + index * (BAR + GAP), name == "hebb"
        length = max(room * milliseconds / longest, 1.5)
        shapes.append(text(left - 8, top + 12, name, 12, INK if own else FAINT, "end", "600" if own else "normal"))
        shapes.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{length:.1f}" height="{BAR}" rx="2" '
                      f'fill="{HEBB if own else PEER}"/>')
        shapes.append(text(left + length + 6, top + 12, number(milliseconds), 11, HEBB if own else FAINT,
                           weight="600" if own else "normal"))
    return shapes


def svg(panels, title, below):
    """`panels`: (title, line below, [(name, milliseconds), ...]), read row by row."""
    panels = [each for each in panels if each[2]]
    width = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * 30) / COLUMNS
    shapes = [text(MARGIN, 42, title, 20, weight="700"), text(MARGIN, 64, below, 12, FAINT)]
    y = 92.0
    for start in range(0, len(panels), COLUMNS):
        row = panels[start:start + COLUMNS]
        shapes.append(f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y:.1f}" y2="{y:.1f}" stroke="{RULE}"/>')
        for column, (name, line, times) in enumerate(row):
            shapes += panel(MARGIN + column * (width + 30), y + 14, width, name, line, times)
        y += 14 + HEAD + max(len(times) for _, _, times in row) * (BAR + GAP) + 18
    body = "\n".join(shapes)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:.0f}" width="{WIDTH}" height="{y:.0f}" {FONT}>\n'
            f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n')
