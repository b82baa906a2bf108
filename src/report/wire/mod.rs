//! Machine output: frozen, versioned structs, apart from everything inside.
//!
//! What is inside may change with every version; what is written here may not. A new field is added at the end of its
//! struct; anything else is a new version.

pub mod convert;
pub mod v1;
