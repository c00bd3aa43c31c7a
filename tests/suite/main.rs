//! The integration tests, in one binary: it links once.

mod beside_a_server;
mod citations;
mod cli;
mod clients;
mod corpus;
mod crash;
mod damage;
mod doctor;
mod documents;
mod embedding;
mod faces;
mod first_run;
mod harness;
mod http;
mod mcp;
mod page;
mod prompt;
mod retrieval;
mod terminal;
