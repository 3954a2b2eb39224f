//! Numbers as integers modulo 2^64 with bits behind the point, and the two random parts that each is split into. One
//! part alone says nothing of its number. Not for: where random numbers come from (`masks`).

/// Bits behind the point.
const SCALE: u32 = 20;

/// A number in the ring.
pub fn fixed(number: f64) -> u64 {
    (number * f64::from(1u32 << SCALE)).round() as i64 as u64
}

/// The number that an element of the ring stands for.
pub fn number(fixed: u64) -> f64 {
    fixed as i64 as f64 / f64::from(1u32 << SCALE)
}

/// Splits numbers into two parts each: what stays, and what is given away.
pub fn split(numbers: &[u64], mut mask: impl FnMut() -> u64) -> (Vec<u64>, Vec<u64>) {
    numbers
        .iter()
        .map(|number| {
            let stays = mask();
            (stays, number.wrapping_sub(stays))
        })
        .unzip()
}

/// The sum of all parts that a party has: of its own numbers, and of the other's.
pub fn sum(own: &[u64], other: &[u64]) -> u64 {
    own.iter().chain(other).fold(0, |sum, part| sum.wrapping_add(*part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masks::Masks;

    #[test]
    fn numbers_there_and_back() {
        for x in [0.0, 1.0, -1.0, 0.5, 1e6, -123.25] {
            assert_eq!(number(fixed(x)), x);
        }
    }

    #[test]
    fn the_parts_of_both_parties_add_up() {
        let (guest, host) = (vec![fixed(1.0); 1000], vec![fixed(-0.25); 1000]);
        let mut masks = Masks::new([7; 32]);
        let (guest_stays, guest_goes) = split(&guest, || masks.draw());
        let (host_stays, host_goes) = split(&host, || masks.draw());
        let at_guest = sum(&guest_stays, &host_goes);
        let at_host = sum(&host_stays, &guest_goes);
        assert_eq!(number(at_guest.wrapping_add(at_host)), 750.0);
        assert!(guest_stays.iter().zip(&guest_goes).all(|(a, b)| *a != fixed(1.0) && *b != fixed(1.0)));
    }
}
