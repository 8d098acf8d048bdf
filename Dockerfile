# Flink with Galatea, for the JobManager, a TaskManager on a CPU, and the client that submits the job.
#
#   mvn -B -DskipTests package
#   docker build -t galatea-flink .
#
# target/ holds libtorch and OpenCV for the machine that built it. Where that is not Linux on x86-64, give Maven `-P native-linux-x86_64`
# and Docker `--platform linux/amd64`.

FROM flink:2.3.0-java17

# DJL and OpenCV load their native parts once per JVM, so they belong to Flink and not to the job's jar.
COPY target/dist/flink-lib/ /opt/flink/lib/djl/
COPY --chown=flink:flink flink-conf/config.yaml /opt/flink/conf/config.yaml
COPY flink-conf/log4j-filter.properties /tmp/
RUN cat /tmp/log4j-filter.properties >> /opt/flink/conf/log4j-console.properties
COPY target/galatea-*-job.jar /opt/galatea/galatea-job.jar

# A volume that is mounted here begins with this owner.
USER root
RUN install -d -o flink -g flink /checkpoints
USER flink

# No counting of users; no line for each picture that is broken; where libtorch is unpacked to.
ENV OPT_OUT_TRACKING=true \
    OPENCV_LOG_LEVEL=OFF \
    DJL_CACHE_DIR=/tmp/djl
