//! Counts allocations; a program of its own, since counting them changes what they cost.

use std::process::ExitCode;

fn main() -> ExitCode {
    genspan_bench::run(Some(|work| allocation_counter::measure(work).count_total))
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    #[test]
    fn the_counter_is_alive() {
        let counted = allocation_counter::measure(|| drop(black_box(Box::new(1_u8))));
        assert_eq!(counted.count_total, 1);
    }
}
