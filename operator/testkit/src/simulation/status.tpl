{{- /* The status of a pod after one step. The line that sets $step is put in front. */ -}}
{{- $now := Now -}}
{{- $never := eq .spec.restartPolicy "Never" -}}
{{- $finish := eq $step "finish" -}}
{{- $label := get (.metadata.labels | default (dict)) "pilothouse.dev/simulate" -}}
{{- $before := dict -}}
{{- range concat (.status.initContainerStatuses | default (list)) (.status.containerStatuses | default (list)) -}}
  {{- $_ := set $before .name . -}}
{{- end -}}
{{- $inits := .spec.initContainers | default (list) -}}
{{- $initStatuses := list -}}
{{- $statuses := list -}}
{{- $unready := list -}}
{{- $blocked := false -}}
{{- $pulling := false -}}
{{- $failed := false -}}

{{- range $index, $container := concat $inits .spec.containers -}}
  {{- $init := lt $index (len $inits) -}}
  {{- $kind := $container.image | splitList "/" | last -}}
  {{- if and $label (not $init) -}}{{- $kind = $label -}}{{- end -}}
  {{- $old := get $before $container.name | default (dict) -}}
  {{- $restarts := get $old "restartCount" | toString | default "0" | atoi -}}
  {{- $last := get $old "lastState" | default (dict) -}}

  {{- $failing := regexMatch "^(crash|oom|fail-job)" $kind -}}
  {{- if hasPrefix "crash-later" $kind -}}{{- $failing = has $step (list "crash" "restart") -}}{{- end -}}
  {{- if and $never (not $finish) (not $init) -}}{{- $failing = false -}}{{- end -}}
  {{- $exitCode := 1 -}}
  {{- $reason := "Error" -}}
  {{- if hasPrefix "oom" $kind -}}
    {{- $exitCode = 137 -}}{{- $reason = "OOMKilled" -}}
  {{- else if regexMatch "^crash-[0-9]" $kind -}}
    {{- $exitCode = regexFind "[0-9]+" $kind | atoi -}}
  {{- end -}}
  {{- $ended := dict "exitCode" $exitCode "reason" $reason "startedAt" $now "finishedAt" $now -}}
  {{- if eq (get $container "terminationMessagePolicy") "FallbackToLogsOnError" -}}
    {{- $_ := set $ended "message" "fatal: simulated failure\n" -}}
  {{- end -}}

  {{- $state := dict -}}
  {{- $ready := false -}}
  {{- $started := false -}}
  {{- if $blocked -}}
    {{- $state = dict "waiting" (dict "reason" "PodInitializing") -}}
  {{- else if hasPrefix "fail-pull" $kind -}}
    {{- $pulling = true -}}
    {{- $blocked = $init -}}
    {{- $message := printf "Back-off pulling image %q: ErrImagePull: %s: not found" $container.image $container.image -}}
    {{- $state = dict "waiting" (dict "reason" "ImagePullBackOff" "message" $message) -}}
  {{- else if and $failing $never -}}
    {{- $failed = true -}}
    {{- $blocked = $init -}}
    {{- $state = dict "terminated" $ended -}}
  {{- else if $failing -}}
    {{- $blocked = $init -}}
    {{- $restarts = add1 $restarts -}}
    {{- $last = dict "terminated" $ended -}}
    {{- $message := printf "back-off 10s restarting failed container=%s pod=%s_%s(%s)" $container.name $.metadata.name $.metadata.namespace $.metadata.uid -}}
    {{- $state = dict "waiting" (dict "reason" "CrashLoopBackOff" "message" $message) -}}
  {{- else if or $finish (and $init (ne (get $container "restartPolicy") "Always")) -}}
    {{- $ready = $init -}}
    {{- $state = dict "terminated" (dict "exitCode" 0 "reason" "Completed" "startedAt" $now "finishedAt" $now) -}}
    {{- if and $init (hasKey (get $old "state" | default (dict)) "terminated") -}}{{- $state = get $old "state" -}}{{- end -}}
  {{- else -}}
    {{- $started = true -}}
    {{- $ready = not (regexMatch "^never-ready" $kind) -}}
    {{- if and (hasPrefix "slow-ready" $kind) (eq $step "start") -}}{{- $ready = false -}}{{- end -}}
    {{- $state = dict "running" (dict "startedAt" $now) -}}
    {{- if hasKey (get $old "state" | default (dict)) "running" -}}{{- $state = get $old "state" -}}{{- end -}}
  {{- end -}}

  {{- $imageID := "" -}}
  {{- if not (hasKey $state "waiting") -}}{{- $imageID = printf "sha256:%s" (sha256sum $container.image) -}}{{- end -}}
  {{- $status := dict "name" $container.name "image" $container.image "imageID" $imageID "state" $state "lastState" $last "ready" $ready "started" $started "restartCount" $restarts -}}
  {{- if $init -}}
    {{- $initStatuses = append $initStatuses $status -}}
  {{- else -}}
    {{- $statuses = append $statuses $status -}}
    {{- if not $ready -}}{{- $unready = append $unready $container.name -}}{{- end -}}
  {{- end -}}
{{- end -}}

{{- $phase := "Running" -}}
{{- if or $pulling $blocked -}}{{- $phase = "Pending" -}}{{- end -}}
{{- if $failed -}}{{- $phase = "Failed" -}}{{- else if $finish -}}{{- $phase = "Succeeded" -}}{{- end -}}

{{- $times := dict -}}
{{- range .status.conditions -}}{{- $_ := set $times (printf "%s=%s" .type .status) .lastTransitionTime -}}{{- end -}}
{{- $isReady := ternary "False" "True" (gt (len $unready) 0) -}}
{{- $isInitialized := ternary "False" "True" $blocked -}}
{{- $why := "" -}}
{{- $message := "" -}}
{{- if eq $phase "Succeeded" -}}
  {{- $why = "PodCompleted" -}}
{{- else if eq $phase "Failed" -}}
  {{- $why = "PodFailed" -}}
{{- else if $unready -}}
  {{- $why = "ContainersNotReady" -}}
  {{- $message = printf "containers with unready status: [%s]" (join " " $unready) -}}
{{- end -}}
{{- $conditions := list -}}
{{- $wanted := list (list "PodReadyToStartContainers" "True" "" "") (list "Initialized" $isInitialized (ternary "ContainersNotInitialized" "" $blocked) "") (list "ContainersReady" $isReady $why $message) (list "Ready" $isReady $why $message) -}}
{{- range .spec.readinessGates -}}{{- $wanted = append $wanted (list .conditionType "True" "" "") -}}{{- end -}}
{{- range $wanted -}}
  {{- $since := get $times (printf "%s=%s" (index . 0) (index . 1)) | default $now -}}
  {{- $conditions = append $conditions (dict "type" (index . 0) "status" (index . 1) "reason" (index . 2) "message" (index . 3) "lastTransitionTime" $since) -}}
{{- end -}}

{{- $status := dict "phase" $phase "conditions" $conditions "containerStatuses" $statuses "startTime" (.status.startTime | default $now) -}}
{{- if $inits -}}{{- $_ := set $status "initContainerStatuses" $initStatuses -}}{{- end -}}
{{- if not .status.podIP -}}
  {{- with NodeIPsWith .spec.nodeName -}}
    {{- $_ := set $status "hostIP" (index . 0) -}}
  {{- end -}}
  {{- with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) .metadata.uid .metadata.name .metadata.namespace -}}
    {{- $ips := list -}}
    {{- range . -}}{{- $ips = append $ips (dict "ip" .) -}}{{- end -}}
    {{- $_ := set $status "podIP" (index . 0) -}}
    {{- $_ := set $status "podIPs" $ips -}}
  {{- end -}}
{{- end -}}
{{- toJson $status -}}
