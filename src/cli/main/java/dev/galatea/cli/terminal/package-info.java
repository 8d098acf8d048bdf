/** What people see of a running command: progress, and the folder of pictures. */
package dev.galatea.cli.terminal;
