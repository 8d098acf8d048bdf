/**
 * What an integration test of avatars on Flink needs. Begin with {@link
 * dev.galatea.testkit.GalateaExtension}.
 */
package dev.galatea.testkit;
