//! Records the calls that [`reqwest`](::reqwest_0_12) 0.12 makes; feature `reqwest-0_12`.
//!
//! ```
//! use genspan_http::{Recorder, reqwest_0_12::{Recorded, SendRecorded}};
//! # use reqwest_0_12 as reqwest;
//!
//! async fn ask(client: reqwest::Client, recorder: &Recorder) -> reqwest::Result<String> {
//!     let url = "https://api.openai.com/v1/chat/completions";
//!     // One request:
//!     client.post(url).body("{}").send_recorded(recorder).await?.text().await?;
//!     // Or all of a client; it is a tower service too.
//!     let client = Recorded::new(client, recorder.clone());
//!     client.post(url).body("{}").send().await?.text().await
//! }
//! ```
//!
//! A body in memory is not copied. Facts that stand among the extensions of a request that was made from one
//! of `http` count as they do for a [`RecordService`](crate::RecordService).

crate::reqwest::front!(reqwest_0_12);
