/** Request files: lines of JSON that become requests. */
package dev.galatea.cli.requests;
