//! Vectors cut into blocks for the thread pool, with a stop flag. Not for: the arithmetic itself.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::CryptoError;

/// Entries that a task of the pool takes at a time when entries are independent.
const BLOCK: usize = 16;

/// `Err(Stopped)` once the flag is raised.
pub(crate) fn check(stop: &AtomicBool) -> Result<(), CryptoError> {
    if stop.load(Ordering::Relaxed) { Err(CryptoError::Stopped) } else { Ok(()) }
}

/// Fills `len` cells of `width` bytes in parallel, one call of `each(state, index, cell)` for each; `init` makes the
/// state of a task.
pub(crate) fn fill_cells<S, I, F>(
    len: usize,
    width: usize,
    stop: &AtomicBool,
    init: I,
    each: F,
) -> Result<Vec<u8>, CryptoError>
where
    I: Fn() -> S + Send + Sync,
    F: Fn(&mut S, usize, &mut [u8]) -> Result<(), CryptoError> + Send + Sync,
{
    fill_blocks(len, width, BLOCK, stop, init, |state, first, cells| {
        for (offset, cell) in cells.chunks_exact_mut(width).enumerate() {
            check(stop)?;
            each(state, first + offset, cell)?;
        }
        Ok(())
    })
}

/// Fills `len` cells of `width` bytes in parallel, one call of `each(state, first index, cells)` for every `block` of
/// them.
pub(crate) fn fill_blocks<S, I, F>(
    len: usize,
    width: usize,
    block: usize,
    stop: &AtomicBool,
    init: I,
    each: F,
) -> Result<Vec<u8>, CryptoError>
where
    I: Fn() -> S + Send + Sync,
    F: Fn(&mut S, usize, &mut [u8]) -> Result<(), CryptoError> + Send + Sync,
{
    check(stop)?;
    let mut cells = vec![0u8; len * width];
    cells.par_chunks_mut(width * block).enumerate().try_for_each_init(
        init,
        |state, (number, part)| -> Result<(), CryptoError> {
            check(stop)?;
            each(state, number * block, part)
        },
    )?;
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_filled_once() {
        let stop = AtomicBool::new(false);
        let cells = fill_cells(
            100,
            2,
            &stop,
            || (),
            |(), index, cell| {
                cell.copy_from_slice(&[index as u8, 1]);
                Ok(())
            },
        )
        .unwrap();
        let wanted: Vec<u8> = (0..100).flat_map(|index| [index, 1]).collect();
        assert_eq!(cells, wanted);
    }

    #[test]
    fn stops() {
        let stop = AtomicBool::new(true);
        let result = fill_cells(3, 1, &stop, || (), |(), _, _| Ok(()));
        assert_eq!(result, Err(CryptoError::Stopped));
    }
}
