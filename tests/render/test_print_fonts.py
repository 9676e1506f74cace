from ovd.render.print_fonts import BOLD, REGULAR, escape_markup, load_fonts, plain_label


def test_fonts_have_every_hangul_syllable():
    syllables = set(range(0xAC00, 0xD7A4))

    assert all(syllables <= load_fonts()[name] for name in (REGULAR, BOLD))


def test_markup_of_a_text_is_shown():
    assert escape_markup("<b>사람</b> & co") == "&lt;b&gt;사람&lt;/b&gt; &amp; co"


def test_accents_come_from_another_font_and_unknown_characters_are_boxes():
    assert escape_markup("café 🙂") == 'caf<font name="Vera">é</font> □'


def test_labels_keep_the_letters_of_accented_characters():
    assert plain_label("café\n보행자 🙂") == "cafe 보행자 □"
