//! What is recorded is the same whichever client asks.

use testkit::provider::{Answer, Script};

use crate::{
    fronts::{Front, Read, ask},
    rig::{Ask, Rig, error_type},
};

/// Makes the calls over each client, and gives the tree that all of them have.
async fn tree_of(asks: &[Ask], read: Read) -> String {
    let mut trees = Vec::new();
    for front in Front::RECORDED {
        let rig = Rig::scenarios();
        for it in asks {
            drop(ask(front, &rig, it, read).await);
        }
        assert_eq!(rig.provider.requests().len(), asks.len());
        trees.push(rig.tree());
    }
    let first = trees.remove(0);
    assert_ne!(first, "", "recording was active");
    for (other, front) in trees.iter().zip(&Front::RECORDED[1..]) {
        assert_eq!(*other, first, "{front:?}");
    }
    first
}

#[tokio::test]
async fn whole() {
    insta::assert_snapshot!(tree_of(&[Ask::chat("text")], Read::All).await);
}

#[tokio::test]
async fn stream() {
    insta::assert_snapshot!(tree_of(&[Ask::streamed("text")], Read::All).await);
}

#[tokio::test]
async fn tools() {
    let asks = [Ask::chat("tools"), Ask::streamed("tools")];
    insta::assert_snapshot!(tree_of(&asks, Read::All).await);
}

#[tokio::test]
async fn error_429() {
    insta::assert_snapshot!(tree_of(&[Ask::chat("error-429")], Read::All).await);
}

#[tokio::test]
async fn error_429_and_a_retry() {
    let asks = [
        Ask::chat("retry-429:2"),
        Ask::chat("retry-429:2"),
        Ask::chat("retry-429:2"),
    ];
    insta::assert_snapshot!(tree_of(&asks, Read::All).await);
}

#[tokio::test]
async fn cut_stream() {
    insta::assert_snapshot!(tree_of(&[Ask::streamed("cut-midstream")], Read::All).await);
}

#[tokio::test]
async fn cut_before_the_response() {
    insta::assert_snapshot!(tree_of(&[Ask::chat("cut-before-headers")], Read::All).await);
}

#[tokio::test]
async fn dropped_stream() {
    for front in Front::RECORDED {
        let rig = Rig::scenarios();
        let it = Ask::streamed("huge:8");
        ask(front, &rig, &it, Read::FirstChunk).await.unwrap();
        assert_eq!(
            error_type(&rig.span()).as_deref(),
            Some("cancelled"),
            "{front:?}"
        );
    }
}

#[tokio::test]
async fn cancelled_before_the_response() {
    for front in Front::RECORDED {
        let rig = Rig::scenarios();
        let it = Ask::chat("hang");
        tokio::select! {
            biased;
            told = ask(front, &rig, &it, Read::All) => panic!("{told:?}"),
            met = rig.provider.reached("hang") => assert!(met),
        }
        let span = rig.span();
        assert_eq!(error_type(&span).as_deref(), Some("cancelled"), "{front:?}");
        assert_eq!(span.signals.name, "chat gpt-test");
    }
}

#[tokio::test]
async fn what_calls_no_model_is_not_recorded() {
    for front in Front::RECORDED {
        let rig = Rig::new(Script::new().then_always(Answer::echo()));
        let it = Ask {
            path: "/v1/files?a=1",
            ..Ask::chat("text")
        };
        let told = ask(front, &rig, &it, Read::All).await.unwrap();
        assert_eq!(told.body, it.body);
        assert!(told.url.ends_with("/v1/files?a=1"), "{}", told.url);
        assert_eq!(rig.spans().len(), 0, "{front:?}");
    }
}
