/** What producers send: requests, which change an avatar, and commands. */
package dev.galatea.records.request;
