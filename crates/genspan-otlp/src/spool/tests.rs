use std::fs::File;

use opentelemetry_proto::tonic::trace::v1::Span;

use super::*;
use crate::envelope::{Envelope, Group, Under};

fn batch(name: &str, spans: usize) -> Batch {
    let span = Span {
        name: name.to_owned(),
        ..Span::default()
    };
    Batch::new(
        Envelope::default().spans(vec![Group {
            under: Under::Lane,
            items: vec![span; spans],
        }]),
        spans as u64,
    )
}

/// Gives a directory of this test's own, empty.
fn directory(test: &str) -> PathBuf {
    let path =
        std::env::temp_dir().join(format!("genspan-otlp-spool-{test}-{}", std::process::id()));
    drop(fs::remove_dir_all(&path));
    path
}

fn drain(spool: &mut Spool) -> Vec<Result<Batch, (Signal, u64)>> {
    let mut all = Vec::new();
    while let Some(oldest) = spool.oldest() {
        all.push(oldest);
        spool.remove_oldest();
    }
    all
}

#[test]
fn batches_come_back_in_order_in_a_later_process() {
    let directory = directory("order");
    let mut spool = Spool::on_disk(directory.clone(), 10_000);
    assert!(!directory.exists());
    for name in ["a", "b", "c"] {
        spool.append(&batch(name, 2)).unwrap();
    }
    drop(spool);
    let mut spool = Spool::on_disk(directory.clone(), 10_000);
    assert_eq!(spool.counts().collect::<Vec<_>>(), [(Signal::Traces, 2); 3]);
    spool.append(&batch("d", 1)).unwrap();
    assert_eq!(
        drain(&mut spool),
        [batch("a", 2), batch("b", 2), batch("c", 2), batch("d", 1)].map(Ok)
    );
    drop(spool);
    assert!(Spool::on_disk(directory.clone(), 10_000).is_empty());
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn over_the_bound_the_newest_is_refused() {
    let mut spool = Spool::in_memory(100);
    let mut kept = 0;
    while spool.append(&batch("x", 1)).is_ok() {
        kept += 1;
        assert!(kept < 100);
    }
    assert!(spool.bytes <= 100 && kept > 1);
    spool.remove_oldest();
    spool.append(&batch("y", 1)).unwrap();
    assert_eq!(drain(&mut spool).last(), Some(&Ok(batch("y", 1))));
}

#[test]
fn two_processes_share_nothing_and_a_third_finds_all() {
    let directory = directory("slots");
    let mut first = Spool::on_disk(directory.clone(), 10_000);
    first.append(&batch("first", 1)).unwrap();
    let mut second = Spool::on_disk(directory.clone(), 10_000);
    assert!(second.is_empty());
    second.append(&batch("second", 1)).unwrap();
    assert_ne!(first.path(), second.path());
    drop((first, second));
    let mut third = Spool::on_disk(directory.clone(), 10_000);
    assert_eq!(
        drain(&mut third),
        [batch("first", 1), batch("second", 1)].map(Ok)
    );
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn what_is_left_of_a_batch_takes_its_place() {
    let directory = directory("rest");
    let mut spool = Spool::on_disk(directory.clone(), 10_000);
    spool.append(&batch("a", 4)).unwrap();
    spool.append(&batch("b", 1)).unwrap();
    spool.replace_oldest(&batch("a", 2)).unwrap();
    drop(spool);
    let mut spool = Spool::on_disk(directory.clone(), 10_000);
    assert_eq!(drain(&mut spool), [batch("a", 2), batch("b", 1)].map(Ok));
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_spoilt_file_is_an_error_with_its_count() {
    let directory = directory("spoilt");
    let mut spool = Spool::on_disk(directory.clone(), 10_000);
    spool.append(&batch("a", 3)).unwrap();
    let file = fs::read_dir(spool.path().unwrap())
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some())
        .unwrap();
    fs::write(file, [0xff; 9]).unwrap();
    assert_eq!(drain(&mut spool), [Err((Signal::Traces, 3))]);
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn where_there_can_be_no_directory_memory_serves() {
    let directory = directory("file");
    File::create(&directory).unwrap();
    let mut spool = Spool::on_disk(directory.join("below"), 10_000);
    spool.append(&batch("a", 1)).unwrap();
    assert!(spool.trouble().is_some() && spool.path().is_none());
    assert_eq!(drain(&mut spool), [Ok(batch("a", 1))]);
    fs::remove_file(directory).unwrap();
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let directory = directory("private");
    let mut spool = Spool::on_disk(directory.clone(), 10_000);
    spool.append(&batch("a", 1)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(spool.path().unwrap()), 0o700);
    assert!(
        fs::read_dir(spool.path().unwrap())
            .unwrap()
            .all(|file| mode(&file.unwrap().path()) == 0o600)
    );
    fs::remove_dir_all(directory).unwrap();
}
