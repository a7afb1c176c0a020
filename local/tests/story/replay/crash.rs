//! A replay whose workers stop between any two steps comes to its end, and loses nothing.

use super::{brief, replay, since, told_and_failed};
use crate::health::{MINUTE, heard};
use herald_local::{
    queue::VISIBILITY,
    world::{World, receiver::Receiver},
};

#[tokio::test]
async fn a_stop_between_any_two_steps_of_a_replay_loses_nothing() {
    let mut stops = 0;
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let policy = told_and_failed(&world, &receiver, brief()).await;
        world.wire.cut_after(requests);
        let accepted = replay(&world, &policy, since()).await.status == 202;
        world.settle().await;
        let was_cut = world.wire.mend();
        if !accepted {
            // It may run all the same.
            let again = replay(&world, &policy, since()).await.status;
            assert!(again == 202 || again == 409, "{again}");
        }
        for _ in 0..6 {
            world.turn(VISIBILITY.unsigned_abs()).await;
        }
        // The message that was sent before, and the timer's grace.
        for _ in 0..4 {
            world.turn(5 * MINUTE).await;
        }
        for event in ["a", "b", "c"] {
            let delivery = world.delivery(event).await;
            assert_eq!(delivery["status"], "delivered", "{event} after {requests}");
        }
        let told = heard(&receiver);
        assert_eq!(told.iter().filter(|id| *id == "told").count(), 1);
        let listed = world.get(&format!("{policy}/replays")).await;
        let items = listed["items"].as_array().expect("replays");
        let ended = items.iter().all(|item| item["status"] == "completed");
        assert!(ended && !items.is_empty(), "{listed} after {requests}");
        if !was_cut {
            break;
        }
        stops += 1;
    }
    assert!(stops > 15, "the story has more steps than {stops}");
}
