# In place of apache/kafka: the same release from Maven, set up by the same wrapper (KAFKA_* variables).
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
COPY lib/ /opt/kafka/libs/
COPY start /opt/kafka/start
COPY broker-answers /opt/kafka/bin/kafka-broker-api-versions.sh
RUN mkdir -p /etc/kafka/defaults /etc/kafka/mounted /etc/kafka/final /var/lib/kafka/data \
 && touch /etc/kafka/defaults/server.properties /etc/kafka/defaults/log4j2.yaml /etc/kafka/defaults/tools-log4j2.yaml \
 && chown -R 10001:10001 /etc/kafka /var/lib/kafka
USER 10001:10001
ENTRYPOINT ["/opt/kafka/start"]
