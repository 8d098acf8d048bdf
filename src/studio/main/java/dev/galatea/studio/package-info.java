/** The live page: avatars as they change, requests, and how the job fares. */
package dev.galatea.studio;
