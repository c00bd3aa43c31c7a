//! The integration tests, in one binary: it links once.

mod citations;
mod cli;
mod corpus;
mod crash;
mod damage;
mod embedding;
mod first_run;
mod harness;
mod http;
mod page;
mod retrieval;
