//! numpy's `RandomState(seed)`, bit by bit: the Mersenne twister MT19937 (M. Matsumoto, T. Nishimura, 1998) with numpy's
//! doubles and shuffle, so that seeded starts and folds equal FATE's and scikit-learn's. Not for: secrets.

use crate::draw::Draw;

const WORDS: usize = 624;

/// The generator.
pub struct Mersenne {
    words: [u32; WORDS],
    next: usize,
}

impl Mersenne {
    /// Seeds it as `numpy.random.RandomState(seed)` does.
    pub fn new(seed: u32) -> Mersenne {
        let mut words = [0u32; WORDS];
        let mut word = seed;
        for (index, slot) in words.iter_mut().enumerate() {
            *slot = word;
            word = (word ^ (word >> 30)).wrapping_mul(1_812_433_253).wrapping_add(index as u32 + 1);
        }
        Mersenne { words, next: WORDS }
    }

    fn word(&mut self) -> u32 {
        if self.next == WORDS {
            self.refill();
        }
        let mut word = self.words[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn refill(&mut self) {
        for i in 0..WORDS {
            let mixed = (self.words[i] & 0x8000_0000) | (self.words[(i + 1) % WORDS] & 0x7fff_ffff);
            let twist = if mixed & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[i] = self.words[(i + 397) % WORDS] ^ (mixed >> 1) ^ twist;
        }
        self.next = 0;
    }

    /// A number from 0 to `most`, as numpy's legacy `random_interval` draws it; `most` is below 2^32.
    fn up_to(&mut self, most: u32) -> u32 {
        let mask = u32::MAX.checked_shr(most.leading_zeros()).unwrap_or(0);
        loop {
            let drawn = self.word() & mask;
            if drawn <= most {
                return drawn;
            }
        }
    }

    /// Puts values in the order that `RandomState.shuffle` gives.
    pub fn shuffle(&mut self, values: &mut [u32]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.up_to(last as u32) as usize);
        }
    }
}

impl Draw for Mersenne {
    fn unit(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::normals;

    /// The first word of the reference implementation under its default seed.
    #[test]
    fn first_word() {
        assert_eq!(Mersenne::new(5489).word(), 3_499_211_612);
    }

    /// `numpy.random.RandomState(103).rand(3)`, numpy 2.4.
    #[test]
    fn uniform_numbers_are_numpys() {
        let mut source = Mersenne::new(103);
        let drawn = [source.unit(), source.unit(), source.unit()];
        assert_eq!(drawn, [0.43211120560090255, 0.17421526319883063, 0.17094368527750203]);
    }

    /// `numpy.random.RandomState(103).randn(3)`, numpy 2.4.
    #[test]
    fn normal_numbers_are_numpys() {
        let drawn = normals(&mut Mersenne::new(103), 3);
        let wanted = [-1.2492783503991578, -0.2603314136513827, 0.3837933001329509];
        assert!(drawn.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-15), "{drawn:?}");
    }

    /// `numpy.random.RandomState(1).shuffle(numpy.arange(10))`, numpy 2.4.
    #[test]
    fn shuffle_is_numpys() {
        let mut values: Vec<u32> = (0..10).collect();
        Mersenne::new(1).shuffle(&mut values);
        assert_eq!(values, [2, 9, 6, 4, 0, 3, 1, 7, 8, 5]);
    }
}
