//! Chance, by seed: the same seed and place always throw the same numbers, on every machine.
//!
//! SplitMix64, whole numbers only. No floating point functions, whose last bits differ between platforms.

/// A stream of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One number from a seed and a place, for choices that many callers must agree on.
pub(crate) fn fixed(seed: u64, place: &[u64]) -> u64 {
    place.iter().fold(mix(seed ^ STEP), |state, step| mix(state.wrapping_add(STEP) ^ mix(step.wrapping_add(STEP))))
}

/// Dice that a text throws: ids which many places must agree on.
pub(crate) fn derived(text: &str, place: u64) -> Dice {
    let bytes: Vec<u64> = text.bytes().map(u64::from).collect();
    Dice::new(fixed(place, &bytes), &[place])
}

impl Dice {
    /// Dice for one place of the world: two places never share their throws, so that adding a throw to one
    /// leaves the others as they were.
    pub(crate) fn new(seed: u64, place: &[u64]) -> Self {
        Self(fixed(seed, place))
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number in `0..n`; 0 when there is nothing to choose from.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        let wide = u128::from(self.roll()) * u128::from(n);
        (wide >> 64) as u64
    }

    /// An index into a list of this length.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// An index that favours the front: the first tenth is taken about three times in ten.
    pub(crate) fn front(&mut self, len: usize) -> usize {
        let first = self.below(len as u64);
        self.below(first + 1) as usize
    }

    /// A number in `low..high`; `low` when that is empty.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).max(0) as u64;
        low + self.below(width) as i64
    }

    /// True this many times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of the items. The list must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }

    /// A word of `n` characters from an alphabet.
    pub(crate) fn word(&mut self, n: usize, alphabet: &[u8]) -> String {
        (0..n).map(|_| char::from(*self.pick(alphabet))).collect()
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&mut self) -> Uuid {
        Uuid(self.roll(), self.roll())
    }
}

/// Sixteen random bytes, printed as a version 4 UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uuid(u64, u64);

impl Uuid {
    pub(crate) fn bytes(self) -> [u8; 36] {
        let bits = (u128::from(self.0) << 64) | u128::from(self.1);
        let mut text = [b'-'; 36];
        let mut nibble = 0_u32;
        for (at, slot) in text.iter_mut().enumerate() {
            if matches!(at, 8 | 13 | 18 | 23) {
                continue;
            }
            let mut value = ((bits >> (124 - 4 * nibble)) & 15) as usize;
            match at {
                14 => value = 4,
                19 => value = 8 | (value & 3),
                _ => {}
            }
            *slot = HEX[value];
            nibble += 1;
        }
        text
    }
}

impl std::fmt::Display for Uuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.bytes().iter().try_for_each(|&byte| std::fmt::Write::write_char(f, char::from(byte)))
    }
}

pub(crate) const HEX: &[u8; 16] = b"0123456789abcdef";
/// The letters of AWS unique ids.
pub(crate) const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub(crate) const UPPER: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
pub(crate) const ALNUM: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Unique ids in the style of AWS: a counter, scrambled, so that no two are ever equal however many are drawn.
#[derive(Clone, Debug)]
pub(crate) struct Mint {
    next: u64,
    twist: u64,
}

const FORTY_FIVE_BITS: u64 = (1 << 45) - 1;

impl Mint {
    pub(crate) fn new(seed: u64) -> Self {
        Self { next: 0, twist: mix(seed ^ 0x51A9) & FORTY_FIVE_BITS }
    }

    /// `ASIAEXAMPLE`, `AROAEXAMPLE` … and nine characters.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        // An odd factor permutes the numbers below a power of two.
        let mut bits = (self.next.wrapping_mul(0x1A2B_3C4D_5E6F | 1) ^ self.twist) & FORTY_FIVE_BITS;
        let mut text = String::with_capacity(prefix.len() + 16);
        text.push_str(prefix);
        text.push_str("EXAMPLE");
        for _ in 0..9 {
            text.push(char::from(BASE32[(bits & 31) as usize]));
            bits >>= 5;
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_place_same_throws() {
        let draw = |place: &[u64]| {
            let mut dice = Dice::new(7, place);
            [dice.roll(), dice.below(10), dice.roll()]
        };
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
    }

    #[test]
    fn throws_stay_in_range_and_reach_it() {
        let mut dice = Dice::new(1, &[]);
        let mut seen = [0; 6];
        for _ in 0..6000 {
            seen[dice.index(6)] += 1;
        }
        assert!(seen.iter().all(|&n| n > 800), "{seen:?}");
        assert_eq!(dice.between(5, 5), 5);
        assert_eq!(dice.below(0), 0);
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let text = Dice::new(3, &[]).uuid().to_string();
        assert_eq!(text.len(), 36);
        assert_eq!(&text[14..15], "4");
        assert!("89ab".contains(&text[19..20]));
    }

    #[test]
    fn minted_ids_never_repeat() {
        let mut mint = Mint::new(9);
        let ids: std::collections::BTreeSet<String> = (0..20_000).map(|_| mint.id("ASIA")).collect();
        assert_eq!(ids.len(), 20_000);
        assert!(ids.iter().all(|id| id.len() == 20 && id.starts_with("ASIAEXAMPLE")));
    }
}
