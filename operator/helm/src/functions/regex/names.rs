//! The character classes that Go knows by name: Perl's, POSIX's, and Unicode's categories and scripts.

use regex_syntax::hir::{Class, ClassUnicode, HirKind};

use super::node::range;

/// Categories as Go writes them; an alias stands before its `=`.
const CATEGORIES: &[&str] = &[
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd",
    "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp",
    "Zs",
];

/// Aliases in Go's canonical form (first letter upper case, no separators), with their category.
const ALIASES: &[(&str, &str)] = &[
    ("Casedletter", "LC"),
    ("Closepunctuation", "Pe"),
    ("Cntrl", "Cc"),
    ("Combiningmark", "M"),
    ("Connectorpunctuation", "Pc"),
    ("Control", "Cc"),
    ("Currencysymbol", "Sc"),
    ("Dashpunctuation", "Pd"),
    ("Decimalnumber", "Nd"),
    ("Digit", "Nd"),
    ("Enclosingmark", "Me"),
    ("Finalpunctuation", "Pf"),
    ("Format", "Cf"),
    ("Initialpunctuation", "Pi"),
    ("Letter", "L"),
    ("Letternumber", "Nl"),
    ("Lineseparator", "Zl"),
    ("Lowercaseletter", "Ll"),
    ("Mark", "M"),
    ("Mathsymbol", "Sm"),
    ("Modifierletter", "Lm"),
    ("Modifiersymbol", "Sk"),
    ("Nonspacingmark", "Mn"),
    ("Number", "N"),
    ("Openpunctuation", "Ps"),
    ("Other", "C"),
    ("Otherletter", "Lo"),
    ("Othernumber", "No"),
    ("Otherpunctuation", "Po"),
    ("Othersymbol", "So"),
    ("Paragraphseparator", "Zp"),
    ("Privateuse", "Co"),
    ("Punct", "P"),
    ("Punctuation", "P"),
    ("Separator", "Z"),
    ("Spaceseparator", "Zs"),
    ("Spacingmark", "Mc"),
    ("Surrogate", "Cs"),
    ("Symbol", "S"),
    ("Titlecaseletter", "Lt"),
    ("Unassigned", "Cn"),
    ("Uppercaseletter", "Lu"),
];

/// Scripts that Go finds. It compares the canonical form with its table, so scripts whose name has an underscore
/// or a capital inside are never found.
const SCRIPTS: &[&str] = &[
    "Adlam",
    "Ahom",
    "Arabic",
    "Armenian",
    "Avestan",
    "Balinese",
    "Bamum",
    "Batak",
    "Bengali",
    "Bhaiksuki",
    "Bopomofo",
    "Brahmi",
    "Braille",
    "Buginese",
    "Buhid",
    "Carian",
    "Chakma",
    "Cham",
    "Cherokee",
    "Chorasmian",
    "Common",
    "Coptic",
    "Cuneiform",
    "Cypriot",
    "Cyrillic",
    "Deseret",
    "Devanagari",
    "Dogra",
    "Duployan",
    "Elbasan",
    "Elymaic",
    "Ethiopic",
    "Georgian",
    "Glagolitic",
    "Gothic",
    "Grantha",
    "Greek",
    "Gujarati",
    "Gurmukhi",
    "Han",
    "Hangul",
    "Hanunoo",
    "Hatran",
    "Hebrew",
    "Hiragana",
    "Inherited",
    "Javanese",
    "Kaithi",
    "Kannada",
    "Katakana",
    "Kawi",
    "Kharoshthi",
    "Khmer",
    "Khojki",
    "Khudawadi",
    "Lao",
    "Latin",
    "Lepcha",
    "Limbu",
    "Lisu",
    "Lycian",
    "Lydian",
    "Mahajani",
    "Makasar",
    "Malayalam",
    "Mandaic",
    "Manichaean",
    "Marchen",
    "Medefaidrin",
    "Miao",
    "Modi",
    "Mongolian",
    "Mro",
    "Multani",
    "Myanmar",
    "Nabataean",
    "Nandinagari",
    "Newa",
    "Nko",
    "Nushu",
    "Ogham",
    "Oriya",
    "Osage",
    "Osmanya",
    "Palmyrene",
    "Phoenician",
    "Rejang",
    "Runic",
    "Samaritan",
    "Saurashtra",
    "Sharada",
    "Shavian",
    "Siddham",
    "Sinhala",
    "Sogdian",
    "Soyombo",
    "Sundanese",
    "Syriac",
    "Tagalog",
    "Tagbanwa",
    "Takri",
    "Tamil",
    "Tangsa",
    "Tangut",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
    "Tifinagh",
    "Tirhuta",
    "Toto",
    "Ugaritic",
    "Vai",
    "Vithkuqi",
    "Wancho",
    "Yezidi",
    "Yi",
];

/// `\d`, `\s`, `\w` by their letter, ASCII only; whether it is the negated one is the case of the letter.
pub(super) fn perl(letter: u8) -> Option<(ClassUnicode, bool)> {
    let class = match letter.to_ascii_lowercase() {
        b'd' => ranges(&[(0x30, 0x39)]),
        b's' => ranges(&[(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)]),
        b'w' => ranges(&[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]),
        _ => return None,
    };
    Some((class, letter.is_ascii_uppercase()))
}

/// A POSIX class by the name between `[:` and `:]`, without the `^`.
pub(super) fn posix(name: &[u8]) -> Option<ClassUnicode> {
    Some(match name {
        b"alnum" => ranges(&[(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)]),
        b"alpha" => ranges(&[(0x41, 0x5A), (0x61, 0x7A)]),
        b"ascii" => ranges(&[(0x00, 0x7F)]),
        b"blank" => ranges(&[(0x09, 0x09), (0x20, 0x20)]),
        b"cntrl" => ranges(&[(0x00, 0x1F), (0x7F, 0x7F)]),
        b"digit" => ranges(&[(0x30, 0x39)]),
        b"graph" => ranges(&[(0x21, 0x7E)]),
        b"lower" => ranges(&[(0x61, 0x7A)]),
        b"print" => ranges(&[(0x20, 0x7E)]),
        b"punct" => ranges(&[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)]),
        b"space" => ranges(&[(0x09, 0x0D), (0x20, 0x20)]),
        b"upper" => ranges(&[(0x41, 0x5A)]),
        b"word" => ranges(&[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]),
        b"xdigit" => ranges(&[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)]),
        _ => return None,
    })
}

/// A Unicode category or script by name (`syntax.unicodeTable`).
pub(super) fn unicode(name: &str) -> Option<ClassUnicode> {
    let name = canonical(name);
    let negated = |mut class: ClassUnicode| {
        class.negate();
        class
    };
    match name.as_str() {
        "Any" => return Some(range(0, 0x10_FFFF)),
        "Ascii" => return Some(range(0, 0x7F)),
        "Assigned" => return parsed("Cn").map(negated),
        "Lc" => return parsed("LC"),
        // No text contains a surrogate.
        "Cs" | "Surrogate" => return Some(ranges(&[])),
        _ => {}
    }
    if CATEGORIES.contains(&name.as_str()) {
        return parsed(&name);
    }
    if SCRIPTS.binary_search(&name.as_str()).is_ok() {
        return parsed(&format!("sc={name}"));
    }
    let alias = ALIASES
        .binary_search_by_key(&name.as_str(), |(alias, _)| alias)
        .ok()?;
    parsed(ALIASES[alias].1)
}

/// `syntax.canonicalName`.
fn canonical(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')) {
        out.push(if out.is_empty() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        });
    }
    out
}

fn ranges(pairs: &[(u32, u32)]) -> ClassUnicode {
    let mut class = ClassUnicode::empty();
    for (low, high) in pairs {
        class.union(&range(*low, *high));
    }
    class
}

/// The class that the Unicode tables of the matching engine have for a property.
fn parsed(property: &str) -> Option<ClassUnicode> {
    let hir = regex_syntax::parse(&format!(r"\p{{{property}}}")).ok()?;
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class),
        // Properties of a single code point are simplified to a literal.
        HirKind::Literal(literal) => {
            let rune = std::str::from_utf8(&literal.0).ok()?.chars().next()?;
            Some(range(rune as u32, rune as u32))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_class() {
        assert!(SCRIPTS.is_sorted() && ALIASES.is_sorted());
        for name in CATEGORIES.iter().chain(SCRIPTS) {
            assert!(unicode(name).is_some(), "{name}");
        }
        for (alias, _) in ALIASES {
            assert!(unicode(alias).is_some(), "{alias}");
        }
        assert!(unicode("Emoji").is_none());
        assert!(unicode("lowercase_letter").is_some());
    }
}
