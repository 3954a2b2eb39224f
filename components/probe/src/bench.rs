//! Work for benches: calls, pages in, pages out. The clock of an attempt stands still, so that whoever runs a bench
//! measures the attempt from outside. Not for: misbehaving.

use parcae_sdk::{
    Result, info, metrics,
    tables::{Column, Page, Values},
};

use crate::{Behaviour, Request, behaviour, pages};

/// The behaviours.
pub static ALL: [Behaviour; 5] = [
    behaviour("bench_noop", "success: `amount` (100000) calls of metrics.progress", bench_noop),
    behaviour(
        "bench_pages",
        "success: all pages of the input, `amount` times (1); the log says the bytes",
        bench_pages,
    ),
    behaviour(
        "bench_write",
        "success: `amount` (16) pages of 8192 rows, a key and 8 columns of numbers, to data",
        bench_write,
    ),
    behaviour(
        "bench_dot",
        "success: `amount` (1000) dot products of 2048 numbers; the log says the operations",
        bench_dot,
    ),
    behaviour("bench_branches", "success: Collatz sequences of the numbers up to `amount` (10000)", bench_branches),
];

fn bench_noop(request: &Request) -> Result<()> {
    let calls = request.amount_or(100_000);
    (0..calls).for_each(|call| metrics::progress(call, calls, "calls"));
    info!("{calls} calls");
    Ok(())
}

/// A dot product in a form that vector instructions can do.
fn dot(one: &[f64], two: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (one, two) in one.chunks_exact(8).zip(two.chunks_exact(8)) {
        for ((sum, one), two) in sums.iter_mut().zip(one).zip(two) {
            *sum += one * two;
        }
    }
    sums.iter().sum()
}

fn bench_dot(request: &Request) -> Result<()> {
    let (one, two): (Vec<f64>, Vec<f64>) = (0..2048).map(|i| (f64::from(i) * 1e-3, 1.0 / f64::from(i + 1))).unzip();
    let rounds = request.amount_or(1000);
    let mut sum = 0.0;
    for _ in 0..rounds {
        sum += dot(std::hint::black_box(&one), std::hint::black_box(&two));
    }
    info!("{} operations, sum {sum:.6}", rounds * 2 * one.len() as u64);
    Ok(())
}

/// Steps of a number's Collatz sequence until it is 1.
fn steps(mut number: u64) -> u64 {
    let mut steps = 0;
    while number != 1 {
        number = if number.is_multiple_of(2) { number / 2 } else { 3 * number + 1 };
        steps += 1;
    }
    steps
}

fn bench_branches(request: &Request) -> Result<()> {
    let all: u64 = (1..=request.amount_or(10_000)).map(steps).sum();
    info!("{all} steps");
    Ok(())
}

/// Bytes of a page as it crosses the boundary.
fn byte_len(page: &Page) -> u64 {
    let of = |column: &Column| {
        let values = match &column.values {
            Values::Text(texts) => texts.offsets.len() * 4 + texts.bytes.len(),
            Values::Float64(all) => all.len() * 8,
            Values::Int64(all) => all.len() * 8,
            Values::Boolean(all) => all.len(),
        };
        values + column.validity.as_ref().map_or(0, Vec::len)
    };
    page.columns.iter().map(|column| of(column) as u64).sum()
}

fn bench_pages(request: &Request) -> Result<()> {
    let table = request.task.input("data")?;
    let (mut bytes, mut count, mut rows) = (0, 0u64, 0u64);
    for _ in 0..request.amount_or(1) {
        for index in 0..table.pages() {
            let page = table.read_page(index, &[])?;
            bytes += byte_len(&page);
            rows += u64::from(page.rows);
            count += 1;
        }
    }
    info!("{bytes} bytes, {count} pages, {rows} rows");
    Ok(())
}

fn bench_write(request: &Request) -> Result<()> {
    let writer = pages::wide_writer()?;
    // The same page again and again, so that writing is measured and not the making of pages.
    let (page, count) = (pages::wide_page(0), request.amount_or(16));
    for _ in 0..count {
        writer.append(&page)?;
    }
    let bytes = count * byte_len(&page);
    let rows = writer.finish()?;
    info!("{bytes} bytes, {rows} rows");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_right() {
        assert_eq!(dot(&[2.0; 16], &[3.0; 16]), 96.0);
        assert_eq!((steps(1), steps(27)), (0, 111));
    }

    #[test]
    fn bytes_of_a_page() {
        assert_eq!(byte_len(&pages::good()), (3 * 4 + 3) + 16 + 16 + 2);
    }
}
