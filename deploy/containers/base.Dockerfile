# A Java 25 base where no registry of images can be reached: Debian from debootstrap, a runtime from jlink.
# `images` prepares the folder that this is built in.
FROM scratch
ADD root.tar /
COPY jre /opt/java
ENV PATH=/opt/java/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
