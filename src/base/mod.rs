//! Words every room uses, and no thoughts of its own.
//!
//! Enters: nothing. Leaves: instants, interned strings, places in the bundle, maps that answer but never enumerate.
//! This room never reads a file, never knows a vendor, never decides anything about people.

pub mod disk;
pub mod lookup;
pub mod origin;
pub mod progress;
pub mod symbol;
pub mod time;
pub mod zone;
