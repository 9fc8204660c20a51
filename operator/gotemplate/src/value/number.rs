//! Go's integer types.

/// Go's `int`, told apart from `int64` (`i64`) where the type of a parameter or a result matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GoInt(pub i64);

/// Which of Go's integer types a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are Go's type names")]
pub enum IntKind {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
}

impl IntKind {
    /// Go's name of the type.
    pub const fn name(self) -> &'static str {
        match self {
            IntKind::Int => "int",
            IntKind::Int8 => "int8",
            IntKind::Int16 => "int16",
            IntKind::Int32 => "int32",
            IntKind::Int64 => "int64",
            IntKind::Uint => "uint",
            IntKind::Uint8 => "uint8",
            IntKind::Uint16 => "uint16",
            IntKind::Uint32 => "uint32",
            IntKind::Uint64 => "uint64",
            IntKind::Uintptr => "uintptr",
        }
    }

    /// Whether the type is signed.
    pub const fn is_signed(self) -> bool {
        match self {
            IntKind::Int | IntKind::Int8 | IntKind::Int16 | IntKind::Int32 | IntKind::Int64 => true,
            IntKind::Uint
            | IntKind::Uint8
            | IntKind::Uint16
            | IntKind::Uint32
            | IntKind::Uint64
            | IntKind::Uintptr => false,
        }
    }

    /// The type of that name.
    pub fn named(name: &str) -> Option<Self> {
        const ALL: [IntKind; 11] = [
            IntKind::Int,
            IntKind::Int8,
            IntKind::Int16,
            IntKind::Int32,
            IntKind::Int64,
            IntKind::Uint,
            IntKind::Uint8,
            IntKind::Uint16,
            IntKind::Uint32,
            IntKind::Uint64,
            IntKind::Uintptr,
        ];
        ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The value that a conversion to this type keeps of an integer.
    pub const fn wrap(self, n: i64) -> i64 {
        match self {
            IntKind::Int | IntKind::Int64 | IntKind::Uint | IntKind::Uint64 | IntKind::Uintptr => n,
            IntKind::Int8 => n as i8 as i64,
            IntKind::Int16 => n as i16 as i64,
            IntKind::Int32 => n as i32 as i64,
            IntKind::Uint8 => n as u8 as i64,
            IntKind::Uint16 => n as u16 as i64,
            IntKind::Uint32 => n as u32 as i64,
        }
    }
}
