//! One connection on a thread of its own. The client's event loop is polled from the first moment to the last, whatever the
//! sink does.

use std::pin::pin;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use rumqttc::{AsyncClient, ConnectionError, EventLoop, MqttOptions, PublishOptions};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

use crate::OutputError;

/// Messages between the sink and the client. The client holds some more; see [`super::options`].
const WAITING: usize = 4;

/// How long a connection lasts and is waited for.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) keep_alive: Duration,
    pub(super) patience: Duration,
}

/// What the thread is given to do.
pub(super) enum Order {
    Publish {
        topic: String,
        payload: String,
        options: PublishOptions,
    },
    /// Take leave of the broker properly.
    Leave,
}

/// Why a connection ended.
pub(super) enum End {
    /// As it was told to.
    Left,
    /// The broker is there and does not answer; or nobody waits for its answer any more.
    Silent,
    /// As the client says.
    Failed(Box<ConnectionError>),
}

/// The sink's end of a connection. Dropping it breaks the connection, and the broker publishes the last will.
pub(super) struct Link {
    orders: flume::Sender<Order>,
    end: Receiver<End>,
}

impl Link {
    /// Connects; blocks until the broker has accepted.
    pub(super) fn connect(options: MqttOptions, times: Times) -> Result<Result<Self, End>, OutputError> {
        let (orders, received) = flume::bounded(WAITING);
        let (hello, greeting) = sync_channel(1);
        let (ended, end) = sync_channel(1);
        let failed = |source| OutputError::Thread { name: "mqtt".into(), source };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let thread = thread::Builder::new().name("mqtt".into());
        thread.spawn(move || run(runtime, options, times, &received, &hello, &ended)).map_err(failed)?;
        let link = Self { orders, end };
        Ok(match greeting.recv_timeout(times.patience + Duration::from_secs(1)) {
            Ok(()) => Ok(link),
            Err(RecvTimeoutError::Timeout) => Err(End::Silent),
            Err(RecvTimeoutError::Disconnected) => Err(link.end()),
        })
    }

    /// Gives an order; waits while earlier ones are on their way, for `patience` at most.
    pub(super) fn order(&self, order: Order, patience: Duration) -> Result<(), End> {
        self.orders.send_timeout(order, patience).map_err(|error| match error {
            flume::SendTimeoutError::Timeout(_) => End::Silent,
            flume::SendTimeoutError::Disconnected(_) => self.end(),
        })
    }

    /// Why the connection has ended; `None` where it has not.
    pub(super) fn has_ended(&self) -> Option<End> {
        self.orders.is_disconnected().then(|| self.end())
    }

    /// Waits for the thread's last word.
    pub(super) fn wait(&self, patience: Duration) -> End {
        self.end.recv_timeout(patience).unwrap_or(End::Silent)
    }

    fn end(&self) -> End {
        // The thread has dropped its end of the orders and is about to say why.
        self.wait(Duration::from_secs(1))
    }
}

fn run(
    runtime: Runtime,
    options: MqttOptions,
    times: Times,
    orders: &flume::Receiver<Order>,
    hello: &SyncSender<()>,
    ended: &SyncSender<End>,
) {
    let end = runtime.block_on(talk(options, times, orders, hello));
    // A look-up of a name may hang in the system; it is not waited for.
    runtime.shutdown_background();
    // Nobody listens where the sink has been dropped.
    let _ = ended.try_send(end);
}

async fn talk(options: MqttOptions, times: Times, orders: &flume::Receiver<Order>, hello: &SyncSender<()>) -> End {
    let asked = options.last_will().map(|will| will.topic).unwrap_or_default();
    let (client, mut events) = match AsyncClient::builder(options).capacity(1).try_build() {
        Ok(pair) => pair,
        Err(error) => return failed(std::io::Error::other(error).into()),
    };
    events.network_options.set_tcp_nodelay(true);
    events.network_options.set_connection_timeout(times.patience.as_secs().max(1));
    match timeout(times.patience, events.poll()).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => return failed(error),
        Err(_) => return End::Silent,
    }
    // The sink waits for this, or has given up.
    let _ = hello.try_send(());
    let mut polling = pin!(poll(&mut events));
    tokio::select! {
        error = &mut polling => return failed(error),
        () = answers(&client, &asked, times) => return End::Silent,
        told = feed(&client, orders) => if !told {
            // Without taking leave: the last will is to be published.
            return End::Silent;
        }
    }
    leave(&client, polling, times.patience).await
}

fn failed(error: ConnectionError) -> End {
    End::Failed(Box::new(error))
}

/// Polls until the connection ends.
async fn poll(events: &mut EventLoop) -> ConnectionError {
    loop {
        if let Err(error) = events.poll().await {
            return error;
        }
    }
}

/// Carries orders out until there is leave to take (`true`) or the sink has gone without a word.
async fn feed(client: &AsyncClient, orders: &flume::Receiver<Order>) -> bool {
    loop {
        match orders.recv_async().await {
            Ok(Order::Publish { topic, payload, options }) => {
                if client.publish(topic, payload, options).await.is_err() {
                    // The event loop has ended and says why.
                    return std::future::pending().await;
                }
            }
            Ok(Order::Leave) => return true,
            Err(flume::RecvError::Disconnected) => return false,
        }
    }
}

/// Returns when the broker owes an answer for too long.
///
/// Pings do not show it: the client sends none while it has anything else to send, and a broker that hangs lets the system
/// take in megabytes. Giving up a subscription that was never made must be answered, and changes nothing.
async fn answers(client: &AsyncClient, topic: &str, times: Times) {
    loop {
        sleep(times.keep_alive).await;
        let asking = async {
            match client.unsubscribe_tracked(topic).await {
                Ok(answer) => drop(answer.wait_async().await),
                // The event loop has ended and says why.
                Err(_) => std::future::pending().await,
            }
        };
        if timeout(times.patience, asking).await.is_err() {
            return;
        }
    }
}

/// Lets the broker have what is on the way, and goes.
async fn leave(client: &AsyncClient, polling: impl Future<Output = ConnectionError>, patience: Duration) -> End {
    let going = async {
        let asked = client.disconnect_with_timeout(patience).await;
        if asked.is_err() {
            drop(asked)
        }
        std::future::pending::<ConnectionError>().await
    };
    let gone = async {
        tokio::select! {
            error = polling => error,
            error = going => error,
        }
    };
    match timeout(patience, gone).await {
        Ok(ConnectionError::RequestsDone) => End::Left,
        Ok(error) => failed(error),
        Err(_) => End::Silent,
    }
}
