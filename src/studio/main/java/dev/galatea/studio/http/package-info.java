/** The studio's page and its HTTP. */
package dev.galatea.studio.http;
