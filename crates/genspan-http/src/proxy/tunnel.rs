//! Connections that left HTTP, such as WebSockets.

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

use super::life::Life;

/// Copies bytes both ways until both sides have closed theirs, one breaks, or the proxy ends.
pub(super) async fn join(client: OnUpgrade, provider: OnUpgrade, life: Life) {
    let copied = async {
        // One that does not come about has told its own side; dropping the other closes it.
        if let Ok((client, provider)) = tokio::try_join!(client, provider) {
            copy(client, provider).await;
        }
    };
    tokio::select! {
        () = copied => {}
        () = life.over() => {}
    }
}

async fn copy(client: Upgraded, provider: Upgraded) {
    let (mut client, mut provider) = (TokioIo::new(client), TokioIo::new(provider));
    // What breaks one side closes the other, which is all that there is to tell.
    copy_bidirectional(&mut client, &mut provider).await.ok();
}
