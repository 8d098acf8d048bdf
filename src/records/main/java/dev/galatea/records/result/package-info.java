/** What Galatea answers: renders, rejects, views, receipts and the latest avatars. */
package dev.galatea.records.result;
