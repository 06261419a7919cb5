"""Folders of EndNote, Zotero and Mendeley: which file belongs to which reference.

Each export is written as the program writes it, read by our own reader, and compared with the
names that its folder has in a zip.
"""

import unicodedata

import pytest

from citations.documents.links import files_of, linked
from citations.formats import read

ENDNOTE_XML = """<?xml version="1.0" encoding="UTF-8" ?><xml><records>
<record><database name="Heime.enl" path="C:\\Users\\Ada\\Heime.enl">Heime.enl</database><rec-number>7</rec-number>
<ref-type name="Journal Article">17</ref-type><contributors><authors><author><style face="normal"
font="default" size="100%">Müller, Åse</style></author></authors></contributors><titles><title><style
face="normal" font="default" size="100%">Hilfe für Jugendliche</style></title></titles><dates><year>2019</year></dates>
<urls><pdf-urls><url>internal-pdf://1234567890/Müller-2019-Hilfe für Jugendliche.pdf</url>
<url>internal-pdf://0987654321/Supplement 1.docx</url></pdf-urls></urls></record>
<record><rec-number>8</rec-number><ref-type name="Journal Article">17</ref-type><titles><title>A second one</title>
</titles><urls><pdf-urls><url><style face="normal" font="default" size="100%">internal-pdf://1111222233/Full Text.pdf</style></url>
</pdf-urls><related-urls><url>https://example.org/second.pdf</url></related-urls></urls></record>
</records></xml>
"""
ENDNOTE_RIS = """TY  - JOUR
AU  - Müller, Åse
PY  - 2019
TI  - Hilfe für Jugendliche
L1  - internal-pdf://1234567890/M%C3%BCller-2019-Hilfe%20f%C3%BCr%20Jugendliche.pdf
L1  - internal-pdf://0987654321/Supplement 1.docx
ID  - 7
ER  -

TY  - JOUR
TI  - A second one
UR  - https://example.org/second.pdf
L1  - internal-pdf://1111222233/Full Text.pdf
ER  -
"""
ENDNOTE_FOLDER = [
    "Heime.Data/PDF/1234567890/Müller-2019-Hilfe für Jugendliche.pdf",
    "Heime.Data/PDF/0987654321/Supplement 1.docx",
    "Heime.Data/PDF/1111222233/Full Text.pdf",
    "Heime.Data/PDF/4444555566/Full Text.pdf",  # of a reference that was not exported
]
ZOTERO_RIS = """TY  - JOUR
TI  - Hilfe für Jugendliche
AU  - Müller, Åse
PY  - 2019
L1  - files/12/Müller - 2019 - Hilfe für Jugendliche.pdf
L2  - files/13/S019074091.html
L1  - files/14/Supplement 1.docx
ER  -

TY  - JOUR
TI  - A second one
L1  - files/21/Full Text.pdf
ER  -
"""
ZOTERO_BIB = r"""
@article{muller_hilfe_2019,
	title = {Hilfe für {Jugendliche}},
	author = {Müller, Åse},
	year = {2019},
	file = {Müller - 2019 - Hilfe\: für Jugendliche.pdf:files/12/Müller - 2019 - Hilfe für Jugendliche.pdf:application/pdf;Snapshot:files/13/S019074091.html:text/html;Supplement 1.docx:files/14/Supplement 1.docx:application/vnd.openxmlformats-officedocument.wordprocessingml.document},
}

@article{second,
	title = {A second one},
	file = {Full Text:files/21/Full Text.pdf:application/pdf},
}
"""
ZOTERO_FOLDER = [
    "Heime/files/12/Müller - 2019 - Hilfe für Jugendliche.pdf",
    "Heime/files/14/Supplement 1.docx",
    "Heime/files/21/Full Text.pdf",
    "Heime/files/22/Full Text.pdf",
]
# Storage of Zotero itself on Windows, without "Export files".
ZOTERO_WINDOWS = r"""
@article{muller_hilfe_2019,
	title = {Hilfe für Jugendliche},
	file = {PDF:C\:\\Users\\Ada\\Zotero\\storage\\ABCD2345\\Müller - 2019 - Hilfe für Jugendliche.pdf:application/pdf;Supplement:C\:\\Users\\Ada\\Zotero\\storage\\EFGH2345\\Supplement 1.docx:application/vnd.openxmlformats-officedocument.wordprocessingml.document},
}

@article{second,
	title = {A second one},
	file = {Full Text:C\:\\Users\\Ada\\Zotero\\storage\\IJKL2345\\Full Text.pdf:application/pdf},
}
"""
STORAGE = [
    "storage/ABCD2345/Müller - 2019 - Hilfe für Jugendliche.pdf",
    "storage/EFGH2345/Supplement 1.docx",
    "storage/IJKL2345/Full Text.pdf",
    "storage/MNOP2345/Full Text.pdf",
]
MENDELEY_BIB = r"""
@article{Muller2019,
author = {M{\"{u}}ller, {\AA}se},
file = {:C$\backslash$:/Users/Ada/Documents/Mendeley Desktop/2019/M{\"{u}}ller - 2019 - Hilfe f{\"{u}}r Jugendliche.pdf:pdf;:C$\backslash$:/Users/Ada/Documents/Mendeley Desktop/2019/Supplement 1.docx:docx},
title = {{Hilfe f{\"{u}}r Jugendliche}},
year = {2019}
}
@article{Second,
file = {:C$\backslash$:/Users/Ada/Documents/Mendeley Desktop/2020/Full{\_}Text.pdf:pdf},
title = {{A second one}}
}
"""
MENDELEY_RIS = """TY  - JOUR
T1  - Hilfe für Jugendliche
A1  - Müller, Åse
Y1  - 2019///
L1  - file:///C:/Users/Ada/Documents/Mendeley%20Desktop/2019/M%C3%BCller%20-%202019%20-%20Hilfe%20f%C3%BCr%20Jugendliche.pdf
L1  - file:///C:/Users/Ada/Documents/Mendeley%20Desktop/2019/Supplement%201.docx
ER  -
TY  - JOUR
T1  - A second one
L1  - file:///C:/Users/Ada/Documents/Mendeley%20Desktop/2020/Full_Text.pdf
ER  -
"""
MENDELEY_XML = """<?xml version="1.0" encoding="UTF-8"?><xml><records>
<record><titles><title>Hilfe für Jugendliche</title></titles><urls><pdf-urls>
<url>file:///C:/Users/Ada/Documents/Mendeley Desktop/2019/Müller - 2019 - Hilfe für Jugendliche.pdf</url>
<url>file:///C:/Users/Ada/Documents/Mendeley Desktop/2019/Supplement 1.docx</url></pdf-urls></urls></record>
<record><titles><title>A second one</title></titles><urls><pdf-urls>
<url>file:///C:/Users/Ada/Documents/Mendeley Desktop/2020/Full_Text.pdf</url></pdf-urls></urls></record>
</records></xml>
"""
MENDELEY_FOLDER = [
    "Mendeley Desktop/2019/Müller - 2019 - Hilfe für Jugendliche.pdf",
    "Mendeley Desktop/2019/Supplement 1.docx",
    "Mendeley Desktop/2020/Full_Text.pdf",
    "Mendeley Desktop/2021/Full_Text.pdf",
]
EXPORTS = {
    "endnote.xml": (ENDNOTE_XML, ENDNOTE_FOLDER),
    "endnote.ris": (ENDNOTE_RIS, ENDNOTE_FOLDER),
    "zotero.ris": (ZOTERO_RIS, ZOTERO_FOLDER),
    "zotero.bib": (ZOTERO_BIB, ZOTERO_FOLDER),
    "zotero-windows.bib": (ZOTERO_WINDOWS, STORAGE),
    "mendeley.bib": (MENDELEY_BIB, MENDELEY_FOLDER),
    "mendeley.ris": (MENDELEY_RIS, MENDELEY_FOLDER),
    "mendeley.xml": (MENDELEY_XML, MENDELEY_FOLDER),
}


@pytest.fixture
def records(tmp_path):
    def parse(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return [each for each in read(path, name=name) if hasattr(each, "raw")]

    return parse


@pytest.mark.parametrize("form", ["NFC", "NFD"])  # macOS takes letters with accents apart
@pytest.mark.parametrize("name", EXPORTS)
def test_each_file_of_the_folder_goes_to_its_reference(records, name, form):
    text, folder = EXPORTS[name]
    names = {n: unicodedata.normalize(form, path) for n, path in enumerate(folder)}
    found = linked(records(name, text), name, names)
    assert {n: each.title for n, each in found.items()} == {
        0: "Hilfe für Jugendliche",
        1: "Hilfe für Jugendliche",
        2: "A second one",
    }


def test_a_zip_in_which_the_folder_lies_deeper_or_bare_is_the_same(records):
    for before in ("", "Exporte/2024 Mai/"):
        names = {0: before + ZOTERO_FOLDER[2], 1: before + ZOTERO_FOLDER[3]}
        assert set(linked(records("z.ris", ZOTERO_RIS), "z.ris", names)) == {0}


def test_two_references_that_name_one_file_leave_it_to_a_person(records):
    twice = ZOTERO_RIS.replace("files/21/Full Text.pdf", "files/14/Supplement 1.docx")
    found = linked(records("z.ris", twice), "z.ris", dict(enumerate(ZOTERO_FOLDER)))
    assert set(found) == {0}


def test_an_address_on_the_web_is_no_file(records):
    (*_, second) = records("e.xml", ENDNOTE_XML)
    assert files_of(second) == ["1111222233/Full Text.pdf"]
