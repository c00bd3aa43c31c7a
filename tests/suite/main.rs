//! The integration tests, in one binary: it links once.

mod citations;
mod cli;
mod clients;
mod corpus;
mod crash;
mod damage;
mod embedding;
mod faces;
mod first_run;
mod harness;
mod http;
mod mcp;
mod retrieval;
