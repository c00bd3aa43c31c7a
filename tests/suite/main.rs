//! The integration tests, in one binary: it links once.

mod architecture;
mod beside_a_server;
mod citations;
mod cli;
mod clients;
mod corpus;
mod crash;
mod damage;
mod damaged_model;
mod doctor;
mod documents;
mod durability;
mod embedding;
mod faces;
mod first_run;
mod harness;
mod history;
mod http;
mod ingest;
mod mcp;
mod page;
mod prompt;
mod random_damage;
mod retrieval;
mod side_by_side;
mod terminal;
