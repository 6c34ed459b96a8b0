namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>What an operator may get wrong, and what has to be said of it: where it is, and what was expected.</summary>
internal static class RefusedChanges
{
    /// <summary>Specifications of a new cluster.</summary>
    public static readonly (string Spec, string[] Said)[] Specifications =
    [
        ("""{"initMode":"new","initmode":"new"}""", ["$.initmode: unknown field (did you mean initMode?)"]),
        ("""{"initMode":"new","newConfig":{"encodng":"UTF8"}}""", ["$.newConfig.encodng: unknown field (did you mean encoding?)"]),
        ("""{"initMode":"new","initMode":"pitr"}""", ["$.initMode: given twice"]),
        ("""{"initMode":"clone"}""", ["$.initMode: expected one of \"new\", \"existing\", \"pitr\", found \"clone\""]),
        ("""{}""", ["$.initMode: expected \"new\", \"existing\" or \"pitr\", found nothing"]),
        ("""{"initMode":"existing"}""", ["$.existingConfig.keeperUID: expected the uid of a keeper", "found nothing"]),
        ("""{"initMode":"pitr","pitrConfig":{}}""", ["$.pitrConfig.dataRestoreCommand: expected a command"]),
        ("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTargetLsn":"12"}}}""", ["$.pitrConfig.recoveryTargetSettings.recoveryTargetLsn: expected a WAL position"]),
        ("""{"initMode":"new","role":"standby","standbyConfig":{"standbySettings":{"primaryConninfo":"host=x"}}}""", ["$.role: expected \"master\" with initMode \"new\""]),
        ("""{"initMode":"existing","existingConfig":{"keeperUID":"k"},"role":"standby"}""", ["$.standbyConfig: expected what to follow"]),
        ("""{"initMode":"new","existingConfig":{"keeperUID":"k"}}""", ["$.existingConfig: expected nothing with initMode \"new\""]),
        ("""{"initMode":"new","newConfig":{"dataChecksums":"yes"}}""", ["$.newConfig.dataChecksums: expected true or false, found \"yes\""]),
        ("""["initMode"]""", ["$: expected an object, found [\"initMode\"]"]),
        ("""{"initMode":"new" """, ["$: expected JSON"]),
    ];

    /// <summary>Patches of the specification that nobody need ask a server about.</summary>
    public static readonly (string Patch, string[] Said)[] Fields =
    [
        ("""{"failIntervall":"5s"}""", ["$.failIntervall: unknown field (did you mean failInterval?)"]),
        ("""{"standbyConfig":{"standbySettings":{"primaryConnInfo":"x"}}}""", ["$.standbyConfig.standbySettings.primaryConnInfo: unknown field (did you mean primaryConninfo?)"]),
        ("""{"failInterval":5}""", ["$.failInterval: expected a duration such as \"5s\" or \"1m30s\", found 5"]),
        ("""{"failInterval":"5 seconds"}""", ["$.failInterval: expected a duration", "found \"5 seconds\""]),
        ("""{"failInterval":"-1s"}""", ["$.failInterval: expected 0s or more, found -1s"]),
        ("""{"failInterval":"1s"}""", ["$.failInterval: expected at least 3s", "--force accepts it"]),
        ("""{"sleepInterval":"1ms"}""", ["$.sleepInterval: expected 50ms to 1h0m0s, found 1ms"]),
        ("""{"syncTimeout":"100000h"}""", ["$.syncTimeout: expected 0s to 576h0m0s, found 100000h0m0s"]),
        ("""{"proxyCheckInterval":"30s"}""", ["$.proxyCheckInterval: expected less than proxyTimeout (4s), found 30s"]),
        ("""{"maxStandbys":"3"}""", ["$.maxStandbys: expected a whole number from 0 to 65535, found \"3\""]),
        ("""{"maxStandbys":0}""", ["$.maxStandbys: expected 1 or more, found 0"]),
        ("""{"maxStandbys":1.5}""", ["$.maxStandbys: expected a whole number from 0 to 65535, found 1.5"]),
        ("""{"maxStandbys":70000}""", ["$.maxStandbys: expected a whole number from 0 to 65535, found 70000"]),
        ("""{"maxStandbys":2,"maxStandbysPerSender":9}""", ["$.maxStandbysPerSender: expected at most maxStandbys (2)", "found 9"]),
        ("""{"maxStandbyLag":-1}""", ["$.maxStandbyLag: expected 0 to 4294967295 bytes, found -1"]),
        ("""{"minSynchronousStandbys":3}""", ["$.maxSynchronousStandbys: expected minSynchronousStandbys (3) or more, found 1"]),
        ("""{"synchronousReplication":"on"}""", ["$.synchronousReplication: expected true or false, found \"on\""]),
        ("""{"additionalWalSenders":-5}""", ["$.additionalWalSenders: expected a whole number from 0 to 65535, found -5"]),
        ("""{"additionalMasterReplicationSlots":["ok","Not-Ok"]}""", ["$.additionalMasterReplicationSlots[1]: expected lower-case letters, digits and _", "found \"Not-Ok\""]),
        ("""{"additionalMasterReplicationSlots":"slot"}""", ["$.additionalMasterReplicationSlots: expected an array, found \"slot\""]),
        ("""{"defaultSUReplAccessMode":"open"}""", ["$.defaultSUReplAccessMode: expected one of \"all\", \"strict\", found \"open\""]),
        ("""{"defaultAuthMethod":"password"}""", ["$.defaultAuthMethod: expected one of scram-sha-256, md5, trust, found \"password\""]),
        ("""{"role":"primary"}""", ["$.role: expected one of \"master\", \"standby\", found \"primary\""]),
        ("""{"role":"standby","standbyConfig":{"standbySettings":{"primaryConninfo":"host=x"}}}""", ["$.role: expected \"master\" as before"]),
        ("""{"initMode":"existing","existingConfig":{"keeperUID":"k"}}""", ["$.initMode: expected \"new\" as before", "found \"existing\""]),
        ("""{"pgParameters":["work_mem"]}""", ["$.pgParameters: expected an object, found [\"work_mem\"]"]),
        ("""{"pgParameters":{"max_connections":100}}""", ["$.pgParameters.max_connections: expected a string, found 100"]),
        ("""{"pgParameters":{"work mem":"1MB"}}""", ["$.pgParameters: expected names of parameters, found \"work mem\""]),
        ("""{"pgParameters":{"work_mem":"1MB","work_mem":"2MB"}}""", ["$.pgParameters.work_mem: given twice"]),
        ("""{"pgParameters":{"log_timezone":"UTC","Log_Timezone":"UTC"}}""", ["$.pgParameters.log_timezone: expected each parameter once, found Log_Timezone too"]),
        ("""{"pgHBA":"host all all all md5"}""", ["$.pgHBA: expected an array, found \"host all all all md5\""]),
        ("""{"pgHBA":["host all all all md5\nhost all all all trust"]}""", ["$.pgHBA[0]: expected one line, found a line break"]),
        ("""["failInterval"]""", ["$: expected an object as patch"]),
    ];

    /// <summary>Parameters that only a server can judge.</summary>
    public static readonly (string Name, string Value, string[] Said)[] Parameters =
    [
        ("work_men", "8MB", ["expected a parameter of PostgreSQL", "found an unknown one (did you mean work_mem?)"]),
        ("frobnicate", "on", ["expected a parameter of PostgreSQL", "found an unknown one"]),
        ("block_size", "4096", ["expected a parameter that can be set"]),
        ("work_mem", "lots", ["expected 64 to 2147483647 in units of kB", "found \"lots\""]),
        ("work_mem", "1kB", ["expected 64 to 2147483647 in units of kB", "found \"1kB\""]),
        ("work_mem", "8MiB", ["or with one of B, kB, MB, GB, TB, found \"8MiB\""]),
        ("max_connections", "0", ["expected 1 to 262143, found \"0\""]),
        ("max_connections", "1000000", ["expected 1 to 262143, found \"1000000\""]),
        ("max_connections", "3", ["expected max_connections (3) to be more than what is reserved of them (3)"]),
        ("shared_buffers", "99999TB", ["expected 16 to 1073741823 in units of 8kB", "found \"99999TB\""]),
        ("checkpoint_completion_target", "1.5", ["expected 0 to 1, found \"1.5\""]),
        ("statement_timeout", "5 parsecs", ["in units of ms", "found \"5 parsecs\""]),
        ("jit", "maybe", ["expected on or off, found \"maybe\""]),
        ("archive_mode", "sometimes", ["expected one of always, on, off, found \"sometimes\""]),
        ("log_min_messages", "loud", ["expected one of debug5,", "found \"loud\""]),
        ("timezone", "Mars/Olympus", ["expected a value that PostgreSQL accepts, found \"Mars/Olympus\": invalid value for parameter"]),
        ("log_destination", "printer", ["expected a value that PostgreSQL accepts, found \"printer\"", "Unrecognized key word"]),
        ("datestyle", "sometime", ["expected a value that PostgreSQL accepts, found \"sometime\""]),
        ("search_path", "\"open", ["expected a value that PostgreSQL accepts", "List syntax is invalid"]),
        ("shared_preload_libraries", "pg_stat_statements,nosuchlib", ["expected libraries that are installed where the server runs, found \"nosuchlib\""]),
        ("session_preload_libraries", "nosuchlib", ["expected libraries that are installed where the server runs"]),
    ];

    /// <summary>Lines of pg_hba.conf that the server does not understand; the second of three.</summary>
    public static readonly (string Line, string Said)[] Lines =
    [
        ("hots all all 10.0.0.0/8 md5", "invalid connection type \"hots\""),
        ("host all all 10.0.0.0/33 md5", "invalid CIDR mask"),
        ("host all all 10.0.0.256/32 md5", "specifying both host name and CIDR mask is invalid"),
        ("host all all 10.0.0.1 md5", "mask"),
        ("host all all 10.0.0.1 255.0.255.x md5", "invalid IP mask"),
        ("host all all 10.0.0.0/8 md6", "invalid authentication method \"md6\""),
        ("host all all 10.0.0.0/8", "authentication method"),
        ("host all all", "address"),
        ("host all", "role"),
        ("host", "database"),
        ("local all all peer nonsense", "name=value"),
        ("local all all md5 radius=x", "radius"),
        ("host all all 10.0.0.0/8 ldap", "ldap"),
        ("host all all 10.0.0.0/8 peer", "peer authentication is only supported on local sockets"),
    ];
}
