r"""LaTeX in bibliographies, as Unicode: `{\"U}ber` → `Über`. Composed form (NFC).

An accent and symbol table, because a full LaTeX parser takes milliseconds a value. What the
table does not know stays as it is: nothing is dropped.
"""

import re
import unicodedata

_COMBINING = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
_SYMBOLS = {
    "ss": "ß", "SS": "ẞ", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø",
    "aa": "å", "AA": "Å", "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð",
    "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
    "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'",
    "textquotedbl": '"', "guillemotleft": "«", "guillemotright": "»", "guilsinglleft": "‹",
    "guilsinglright": "›", "quotedblbase": "„", "quotesinglbase": "‚", "ldots": "…", "dots": "…",
    "textellipsis": "…", "textbullet": "•", "textasciitilde": "~", "textasciicircum": "^",
    "textbackslash": "\\", "backslash": "\\", "textbar": "|", "textless": "<", "textgreater": ">",
    "textunderscore": "_", "textdollar": "$", "textbraceleft": "{", "textbraceright": "}",
    "textexclamdown": "¡", "textquestiondown": "¿", "textdegree": "°", "degree": "°",
    "textregistered": "®", "texttrademark": "™", "textcopyright": "©", "copyright": "©",
    "textsection": "§", "S": "§", "P": "¶", "pounds": "£", "textsterling": "£", "texteuro": "€",
    "euro": "€", "textyen": "¥", "textcent": "¢", "textmu": "µ", "textpm": "±", "pm": "±",
    "texttimes": "×", "times": "×", "cdot": "·", "textperiodcentered": "·", "div": "÷",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "sim": "∼",
    "infty": "∞", "rightarrow": "→", "to": "→", "leftarrow": "←", "leftrightarrow": "↔", "prime": "′",
    "textordfeminine": "ª", "textordmasculine": "º", "textonehalf": "½", "textonequarter": "¼",
    "textthreequarters": "¾", "textonesuperior": "¹", "texttwosuperior": "²",
    "textthreesuperior": "³", "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "slash": "/", "hyphen": "-",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ",
    "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω", "ell": "ℓ", "circ": "°",
}  # fmt: skip
# Commands that only dress their argument or the text after them.
_DRESS = frozenset(
    [
        "emph",
        "textit",
        "textbf",
        "textsc",
        "textrm",
        "textsf",
        "texttt",
        "textsl",
        "textup",
        "textnormal",
        "textsuperscript",
        "textsubscript",
        "mathrm",
        "mathit",
        "mathbf",
        "mathsf",
        "mathcal",
        "mathbb",
        "ensuremath",
        "mbox",
        "text",
        "hbox",
        "url",
        "href",
        "uppercase",
        "lowercase",
        "MakeUppercase",
        "mkbibquote",
        "mkbibemph",
        "enquote",
        "it",
        "bf",
        "rm",
        "sc",
        "sl",
        "tt",
        "em",
        "sf",
        "noopsort",
        "textmd",
    ]
)
_ACCENT = re.compile(
    r"""\\(?:
        (?P<mark>[`'^~=."])\s*
      | (?P<letter>[uvHcdkbr])(?:\s+(?=[A-Za-z\\])|\s*(?=\{))
    )
    (?: \{\s*\\?(?P<braced>[^\W\d_])\s*\} | \\(?P<dotless>[ij])(?![A-Za-z])(?:\{\})? | (?P<bare>[^\W\d_]) )""",
    re.VERBOSE,
)
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)[ \t]*(\{\})?\s?|([&%$#_{} ,;:!/@-])|\\(?=\s|$))")
_UNESCAPED_BRACE = re.compile(r"(?<!\\)[{}]")
_PLACEHOLDER = {"{": "\ue000", "}": "\ue001", "~": "\ue002"}


def to_unicode(value: str) -> str:
    """Accents and symbols decoded, protecting braces gone, `~` a space."""
    escaped = "\\" in value
    if escaped:
        value = unicodedata.normalize("NFC", _COMMAND.sub(_command, _ACCENT.sub(_accent, value)))
    if "{" in value or "}" in value:
        value = value.replace("{", "").replace("}", "")
    if "~" in value:
        value = value.replace("~", " ")
    if "``" in value or "''" in value:
        value = value.replace("``", "“").replace("''", "”")
    return _restore(value) if escaped else value


def unescape(value: str) -> str:
    r"""For DOIs and addresses: `\_` → `_`, braces gone, `~` kept."""
    if "\\" in value:
        value = _restore(_COMMAND.sub(_command, value.replace("\\~{}", "~").replace("\\~", "~")))
    return value.replace("{", "").replace("}", "")


_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "$": r"\$", "&": r"\&", "#": r"\#",
    "_": r"\_", "%": r"\%",
}  # fmt: skip
_BRACES = {ord(char): _ESCAPES[char] for char in "\\{}"}
_ALL = {ord(char): written for char, written in _ESCAPES.items()}
_ESCAPED = re.compile(
    r"\\text(?:backslash|brace(?:left|right)|ascii(?:circum|tilde))\{\}|\\[$&#_%]|\{\}"
)
_MEANT = {written: char for char, written in _ESCAPES.items()} | {"{}": ""}


def escape(value: str, *, only_braces: bool = False) -> str:
    """Text as LaTeX that prints it, on one line; `only_braces` for addresses, which TeX takes as they are."""
    if only_braces:
        return value.translate(_BRACES)
    return (
        value.translate(_ALL)
        .replace("''", "'{}'")
        .replace("''", "'{}'")
        .replace("``", "`{}`")
        .replace("``", "`{}`")
    )


def unescaped(value: str) -> str:
    """What `escape` was given."""
    return _ESCAPED.sub(lambda match: _MEANT[match[0]], value)


def _restore(value: str) -> str:
    for char, stand_in in _PLACEHOLDER.items():
        value = value.replace(stand_in, char)
    return value


def _accent(match: re.Match[str]) -> str:
    mark = match["mark"] or match["letter"]
    base = match["braced"] or match["dotless"] or match["bare"]
    return base + _COMBINING[mark]


def _command(match: re.Match[str]) -> str:
    name, char = match[1], match[3]
    if name is None:
        if char is None:
            return " "  # a forced line break
        return "" if char in "/-@" else _PLACEHOLDER.get(char, " " if char in " ,;:!" else char)
    symbol = _SYMBOLS.get(name)
    if symbol is not None:
        # The space after a command word only ends the word: `Stra\ss e`.
        return _PLACEHOLDER.get(symbol, symbol)
    return "" if name in _DRESS else match[0]
