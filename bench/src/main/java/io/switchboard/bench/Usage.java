package io.switchboard.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// What processes take of this machine, as Linux counts it.
final class Usage {
    private static final double TICKS_A_SECOND = 100;
    private static final int UTIME = 11;
    private static final int STIME = 12;

    /// user, nice, system, idle, iowait, irq, softirq.
    private static final String MACHINE_BUSY = "bbb--bb";

    private Usage() {}

    /// Processor time of a process so far.
    static double cpuSeconds(long pid) {
        return cpuSeconds(Path.of("/proc", Long.toString(pid), "stat"));
    }

    /// @param file `stat` of a process or of a thread
    static double cpuSeconds(Path file) {
        var stat = read(file);
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_A_SECOND;
    }

    /// Of all that runs on the machine, whoever's it is.
    static double machineCpuSeconds() {
        var fields = read(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +", -1);
        long ticks = 0;
        for (int i = 1; i <= MACHINE_BUSY.length(); i++) {
            ticks += MACHINE_BUSY.charAt(i - 1) == 'b' ? Long.parseLong(fields[i]) : 0;
        }
        return ticks / TICKS_A_SECOND;
    }

    /// Of the process: resident, and its share of what several map (proportional set size).
    record Memory(long rssBytes, long pssBytes) {}

    static Memory memory(long pid) {
        var rollup = read(Path.of("/proc", Long.toString(pid), "smaps_rollup"));
        return new Memory(kilobytes(rollup, "Rss"), kilobytes(rollup, "Pss"));
    }

    /// The most that was resident since its start.
    static long peakBytes(long pid) {
        return kilobytes(read(Path.of("/proc", Long.toString(pid), "status")), "VmHWM");
    }

    /// What the kernel keeps in its slabs: sockets, among others. Of the whole machine.
    static long kernelBytes() {
        return kilobytes(read(Path.of("/proc/meminfo")), "SUnreclaim");
    }

    private static long kilobytes(String page, String name) {
        var line = Pattern.compile("(?m)^" + name + ":\\s+(\\d+) kB").matcher(page);
        if (!line.find()) {
            throw new IllegalStateException(name + " is missing in:\n" + page);
        }
        return Long.parseLong(line.group(1)) * 1024;
    }

    /// Bytes of live objects: what is left after a full collection.
    static long liveHeapBytes(long pid) {
        var histogram = jcmd(pid, "GC.class_histogram");
        var total = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)").matcher(histogram);
        if (!total.find()) {
            throw new IllegalStateException("no total in:\n" + histogram);
        }
        return Long.parseLong(total.group(1));
    }

    /// Bytes of objects that the process's living threads have made so far.
    static long allocatedBytes(long pid) {
        var each =
                Pattern.compile("allocated=(\\d+)([BKMG])")
                        .matcher(jcmd(pid, "Thread.print", "-e"));
        long bytes = 0;
        while (each.find()) {
            bytes += Long.parseLong(each.group(1)) << (10 * "BKMG".indexOf(each.group(2)));
        }
        return bytes;
    }

    static String jcmd(long pid, String... command) {
        try {
            var argv = new java.util.ArrayList<String>();
            argv.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
            argv.add(Long.toString(pid));
            argv.addAll(java.util.List.of(command));
            var process = new ProcessBuilder(argv).redirectErrorStream(true).start();
            var output =
                    new String(
                            process.getInputStream().readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8);
            process.waitFor(30, TimeUnit.SECONDS);
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
