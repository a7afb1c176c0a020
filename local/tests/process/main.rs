//! The program itself: started, asked, killed and started again, with the machine's clock.
//! Nothing here sleeps; everything waits for what it is about, with a limit.

mod errors;
mod kill;
mod mailbox;
mod program;
mod proxy;
mod readme;
mod stop;
