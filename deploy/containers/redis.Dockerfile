# Debian's Redis, in place of redis:7.2-alpine.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server && mkdir -p /data && chown redis /data
USER redis
WORKDIR /data
