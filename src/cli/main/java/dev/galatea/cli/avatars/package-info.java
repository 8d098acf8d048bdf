/** {@code galatea avatars}: what avatars there are, and their way out. */
package dev.galatea.cli.avatars;
