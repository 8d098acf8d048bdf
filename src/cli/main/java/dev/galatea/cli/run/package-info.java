/** {@code galatea run}: the job in this process, against a Kafka that is there already. */
package dev.galatea.cli.run;
