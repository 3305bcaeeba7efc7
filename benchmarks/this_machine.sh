#!/bin/sh
# Finds what a round of examples/this-machine finds, as a runbook would: one fact a line, then what a person would read.
# Needs the URL and the folder of the demo, and GNU's df, find, sort and ps.
set -eu
url=${ROUNDS_DEMO_URL:?} demo=${ROUNDS_DEMO_DIR:?}

# root-disk
df -B1 --output=size,used,avail,itotal,iavail / | awk 'NR == 2 {
    printf "root-disk.used_percent %.3f\nroot-disk.free_bytes %.0f\nroot-disk.total_bytes %.0f\n", 100 * $2 / ($2 + $3), $3, $1
    if ($4 > 0) printf "root-disk.inodes_used_percent %.3f\n", 100 * ($4 - $5) / $4
}'

# memory: the kernel's, or the container's where that is less
limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
used=0
if [ "$limit" != max ]; then
    used=$(($(cat /sys/fs/cgroup/memory.current) - $(awk '$1 == "inactive_file" {print $2}' /sys/fs/cgroup/memory.stat)))
fi
awk -v limit="$limit" -v used="$used" '
    {size[$1] = $2 * 1024}
    END {
        total = size["MemTotal:"]; available = size["MemAvailable:"]
        if (limit != "max" && limit + 0 < total) {total = limit; if (limit - used < available) available = limit - used}
        printf "memory.used_percent %.3f\nmemory.available_bytes %.0f\nmemory.total_bytes %.0f\n", 100 * (total - available) / total, available, total
        swap = size["SwapTotal:"]
        printf "memory.swap_used_percent %.3f\n", swap ? 100 * (swap - size["SwapFree:"]) / swap : 0
    }' /proc/meminfo
ps -eo rss,pid,comm --sort=-rss | head -n 6

# temporary-files and backup
count() {
    sort -rn | awk -v check="$1" -v now="$(date +%s.%N)" '
        {total += $2; count++}
        NR == 1 {newest = $1; size = $2}
        NR <= 10 {kept[NR] = $0}
        {oldest = $1}
        END {
            printf "%s.count %d\n%s.total_bytes %.0f\n", check, count, check, total
            if (count) printf "%s.newest_age_s %.3f\n%s.newest_bytes %.0f\n%s.oldest_age_s %.3f\n", check, now - newest, check, size, check, now - oldest
            for (n = 1; n in kept; n++) print kept[n]
        }'
}
find -L /tmp -mindepth 1 -maxdepth 1 -type f ! -name '.*' -printf '%T@ %s %p\n' 2>/dev/null | count temporary-files
find -L "$demo/backup.tar.gz" -maxdepth 0 -type f -printf '%T@ %s %p\n' | count backup

# local-slack
curl -s -m 10 -o "$demo/.page" -D - -w '
local-slack.status %{http_code}
local-slack.body_bytes %{size_download}
local-slack.latency_s %{time_total}
local-slack.connect_s %{time_connect}
local-slack.first_byte_s %{time_starttransfer}
' "$url"
head -c 1000 "$demo/.page"
