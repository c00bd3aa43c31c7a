//! The integration tests, in one binary: it links once.

mod beside_a_server;
mod citations;
mod cli;
mod corpus;
mod crash;
mod damage;
mod doctor;
mod embedding;
mod first_run;
mod harness;
mod http;
mod prompt;
mod retrieval;
mod terminal;
