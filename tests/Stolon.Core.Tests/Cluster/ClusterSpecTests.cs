using System.Text;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Cluster;

public class ClusterSpecTests
{
    private static readonly ClusterSpec New = new() { InitMode = InitMode.New };

    [Fact]
    [Trait("Rule", "M10")]
    public void What_is_unset_means_stolons_default()
    {
        var written = ClusterJson.ReadSpec(File.ReadAllBytes(Path.Combine(Samples.Folder, "spec-defaults.json")));
        var names = typeof(ClusterSettings).GetProperties().Where(property => property.Name is not (nameof(ClusterSettings.Spec) or nameof(ClusterSettings.AuthMethod)));

        foreach (var property in names)
        {
            property.GetValue(new ClusterSettings(New)).Should().Be(property.GetValue(new ClusterSettings(written)), property.Name);
        }

        new ClusterSettings(New).MaxStandbyLag.Should().Be(1232896);
    }

    [Fact]
    [Trait("Rule", "M11")]
    public void A_specification_with_an_init_mode_is_valid()
    {
        New.Validate().Should().BeEmpty();
        ClusterJson.ReadSpec(File.ReadAllBytes(Path.Combine(Samples.Folder, "spec-defaults.json"))).ValidateForInit().Should().BeEmpty();
    }

    [Theory]
    [Trait("Rule", "M11")]
    [InlineData("""{"initMode":"new","proxyTimeout":"10000h"}""", "$.proxyTimeout: expected 0s to 576h0m0s, found 10000h0m0s")]
    [InlineData("""{"initMode":"new","failInterval":"577h"}""", "$.failInterval: expected 0s to 576h0m0s, found 577h0m0s")]
    [InlineData("""{"initMode":"new","initTimeout":"577h"}""", "$.initTimeout: *")]
    [InlineData("""{"initMode":"new","convergenceTimeout":"577h"}""", "$.convergenceTimeout: *")]
    [InlineData("""{"initMode":"new","syncTimeout":"577h"}""", "$.syncTimeout: *")]
    [InlineData("""{"initMode":"new","dbWaitReadyTimeout":"577h"}""", "$.dbWaitReadyTimeout: *")]
    [InlineData("""{"initMode":"new","sleepInterval":"0s"}""", "$.sleepInterval: expected 50ms to 1h0m0s, found 0s")]
    [InlineData("""{"initMode":"new","sleepInterval":"2h"}""", "$.sleepInterval: *")]
    [InlineData("""{"initMode":"new","requestTimeout":"0s"}""", "$.requestTimeout: *")]
    [InlineData("""{"initMode":"new","proxyCheckInterval":"0s"}""", "$.proxyCheckInterval: *")]
    [InlineData("""{"initMode":"new","deadKeeperRemovalInterval":"100000h"}""", "$.deadKeeperRemovalInterval: *")]
    [InlineData("""{"initMode":"new","pgHBA":["local all all trust","a\rb"]}""", "$.pgHBA[1]: expected one line, found a line break")]
    [InlineData("""{"initMode":"new","pgHBA":["a\u0000b"]}""", "$.pgHBA[0]: expected one line, found a line break")]
    public void What_an_operator_gives_must_be_usable_and_what_a_document_holds_is_lived_with(string json, string complaint)
    {
        var spec = Spec(json);

        spec.ValidateForInit().Should().ContainSingle().Which.Should().Match(complaint);
        spec.ValidateForUpdate(New).Should().ContainSingle();
        spec.Validate().Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "M11")]
    public void Timeouts_of_zero_mean_none_and_are_accepted() =>
        Spec("""{"initMode":"new","initTimeout":"0s","syncTimeout":"0s","convergenceTimeout":"0s","dbWaitReadyTimeout":"0s"}""")
            .ValidateForInit().Should().BeEmpty();

    [Fact]
    [Trait("Rule", "M10")]
    [Trait("Rule", "M11")]
    public void A_duration_that_stolon_cannot_read_is_refused_even_from_one_who_insists() =>
        (New with { DeadKeeperRemovalInterval = GoDuration.Longest + TimeSpan.FromTicks(1) }).ValidateForForcedUpdate(New).Should().ContainSingle()
            .Which.Should().StartWith("$.deadKeeperRemovalInterval: expected at most 2562047h47m16.8547758s, ");

    [Theory]
    [Trait("Rule", "M11")]
    [InlineData("""{"initMode":"new","sleepInterval":"-1s"}""", "$.sleepInterval: expected 0s or more, found -1s")]
    [InlineData("""{"initMode":"new","requestTimeout":"-1s"}""", "$.requestTimeout: *")]
    [InlineData("""{"initMode":"new","convergenceTimeout":"-1s"}""", "$.convergenceTimeout: *")]
    [InlineData("""{"initMode":"new","initTimeout":"-1s"}""", "$.initTimeout: *")]
    [InlineData("""{"initMode":"new","syncTimeout":"-1s"}""", "$.syncTimeout: *")]
    [InlineData("""{"initMode":"new","dbWaitReadyTimeout":"-1s"}""", "$.dbWaitReadyTimeout: *")]
    [InlineData("""{"initMode":"new","failInterval":"-1s"}""", "$.failInterval: *")]
    [InlineData("""{"initMode":"new","deadKeeperRemovalInterval":"-1s"}""", "$.deadKeeperRemovalInterval: *")]
    [InlineData("""{"initMode":"new","proxyCheckInterval":"-1s"}""", "$.proxyCheckInterval: expected 0s or more, found -1s")]
    [InlineData("""{"initMode":"new","proxyCheckInterval":"15s"}""", "$.proxyCheckInterval: expected less than proxyTimeout (15s), found 15s")]
    [InlineData("""{"initMode":"new","proxyTimeout":"5s"}""", "$.proxyCheckInterval: expected less than proxyTimeout (5s), found 5s")]
    [InlineData("""{"initMode":"new","maxStandbys":0}""", "$.maxStandbys: expected 1 or more, found 0")]
    [InlineData("""{"initMode":"new","maxStandbysPerSender":0}""", "$.maxStandbysPerSender: expected 1 or more, found 0")]
    [InlineData("""{"initMode":"new","maxSynchronousStandbys":0,"minSynchronousStandbys":0}""", "$.maxSynchronousStandbys: expected 1 or more, found 0")]
    [InlineData("""{"initMode":"new","minSynchronousStandbys":2}""", "$.maxSynchronousStandbys: expected minSynchronousStandbys (2) or more, found 1")]
    [InlineData("""{"initMode":"new","maxStandbyLag":-1}""", "$.maxStandbyLag: expected 0 to 4294967295 bytes, found -1")]
    [InlineData("""{}""", "$.initMode: expected \"new\", \"existing\" or \"pitr\", found nothing")]
    [InlineData("""{"initMode":null}""", "$.initMode: *found nothing")]
    [InlineData("""{"initMode":"new","additionalMasterReplicationSlots":["ok_1","No"]}""", "$.additionalMasterReplicationSlots[1]: *found \"No\"")]
    [InlineData("""{"initMode":"new","additionalMasterReplicationSlots":["stolon_x"]}""", "$.additionalMasterReplicationSlots[0]: *without the prefix stolon_*")]
    [InlineData("""{"initMode":"new","additionalMasterReplicationSlots":[""]}""", "$.additionalMasterReplicationSlots[0]: *")]
    [InlineData("""{"initMode":"new","additionalMasterReplicationSlots":["a\n"]}""", "$.additionalMasterReplicationSlots[0]: *")]
    [InlineData("""{"initMode":"new","pgHBA":["local all all trust","a\nb"]}""", "$.pgHBA[1]: expected one line, found a line break")]
    [InlineData("""{"initMode":"new","role":"standby","standbyConfig":{}}""", "$.role: expected \"master\" with initMode \"new\", found \"standby\"")]
    [InlineData("""{"initMode":"existing"}""", "$.existingConfig.keeperUID: *found nothing")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":""}}""", "$.existingConfig.keeperUID: *found nothing")]
    [InlineData("""{"initMode":"pitr"}""", "$.pitrConfig.dataRestoreCommand: *found nothing")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{}},"role":"standby","standbyConfig":{}}""", "$.pitrConfig.recoveryTargetSettings: *")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"k"},"role":"standby"}""", "$.standbyConfig: *found nothing")]
    [InlineData("""{"initMode":"new","defaultAuthMethod":"password"}""", "$.defaultAuthMethod: expected one of scram-sha-256, md5, trust, found \"password\"")]
    public void What_makes_a_specification_unusable_is_named(string json, string error) =>
        Spec(json).Validate().Should().ContainSingle().Which.Should().Match(error);

    [Theory]
    [Trait("Rule", "M11")]
    [InlineData("""{"initMode":"new","defaultSUReplAccessMode":"open"}""", "$.defaultSUReplAccessMode: expected one of \"all\", \"strict\", found \"open\"")]
    [InlineData("""{"initMode":"new","role":"primary"}""", "$.role: expected one of \"master\", \"standby\", found \"primary\"")]
    [InlineData("""{"initMode":"resync"}""", "$.initMode: expected one of \"new\", \"existing\", \"pitr\", found \"resync\"")]
    [InlineData("""{"initMode":"new","maxStandbys":-1}""", "$.maxStandbys: expected a whole number from 0 to 65535, found -1")]
    public void An_unknown_word_is_refused_by_the_JSON(string json, string error) =>
        FluentActions.Invoking(() => Spec(json)).Should().Throw<ClusterDataException>().WithMessage(error);

    [Theory]
    [Trait("Rule", "M11")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"k"}}""")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"k"},"role":"standby","standbyConfig":{"standbySettings":{"primaryConninfo":"host=x","primarySlotName":"s_1","recoveryMinApplyDelay":"5 min"}}}""")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTargetName":"a"}}}""")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTargetLsn":"0/30A0028","recoveryTargetTimeline":"latest"}}}""")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTargetTime":"2026-03-14 09:26:53.5 Europe/Rome"}}}""")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x"},"role":"standby","standbyConfig":{"archiveRecoverySettings":{"restoreCommand":"cp %f %p"}}}""")]
    [InlineData("""{"initMode":"new","syncTimeout":"0s","minSynchronousStandbys":0,"pgHBA":[],"additionalMasterReplicationSlots":["a_1"]}""")]
    public void What_is_allowed_is_allowed(string json) => Spec(json).ValidateForInit().Should().BeEmpty();

    [Fact]
    [Trait("Rule", "M11")]
    [Trait("Rule", "S10")]
    public void All_errors_are_named_at_once() =>
        Spec("""{"sleepInterval":"-1s","maxStandbys":0,"role":"standby","pgHBA":["\n"],"additionalMasterReplicationSlots":["A"]}""")
            .Validate().Should().HaveCount(6);

    [Fact]
    [Trait("Rule", "M4")]
    public void The_reserved_prefix_is_the_one_of_our_objects() =>
        (New with { AdditionalPrimaryReplicationSlots = [ObjectNames.Prefix] }).Validate().Should().ContainSingle();

    [Theory]
    [Trait("Rule", "M12")]
    [InlineData("""{"initMode":"new"}""", """{"initMode":"existing","existingConfig":{"keeperUID":"k"}}""", "$.initMode: expected \"new\" as before*found \"existing\"")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"k"}}""", """{"initMode":"existing","existingConfig":{"keeperUID":"k"},"role":"standby","standbyConfig":{}}""", "$.role: expected \"master\" as before*")]
    [InlineData("""{"initMode":"new"}""", """{"initMode":"new","maxStandbys":0}""", "$.maxStandbys: *")]
    [InlineData("""{"initMode":"new"}""", """{}""", "$.initMode: *found nothing")]
    public void A_change_that_is_impossible_is_named(string from, string to, string error) =>
        Spec(to).ValidateChange(Spec(from)).Should().ContainSingle().Which.Should().Match(error);

    [Theory]
    [Trait("Rule", "M12")]
    [InlineData("""{"initMode":"new"}""", """{"initMode":"new","synchronousReplication":true,"maxStandbys":1}""")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"k"},"role":"standby","standbyConfig":{}}""", """{"initMode":"existing","existingConfig":{"keeperUID":"k"},"role":"master"}""")]
    public void Everything_else_may_change(string from, string to) => Spec(to).ValidateForUpdate(Spec(from)).Should().BeEmpty();

    [Theory]
    [Trait("Rule", "S4")]
    [InlineData("2.9s", true)]
    [InlineData("0s", true)]
    [InlineData("3s", false)]
    public void Our_init_and_update_refuse_a_failInterval_below_3_s(string failInterval, bool refused)
    {
        var spec = Spec($$"""{"initMode":"new","failInterval":"{{failInterval}}"}""");

        spec.Validate().Should().BeEmpty();
        spec.ValidateForInit().Should().HaveCount(refused ? 1 : 0);
        spec.ValidateForUpdate(New).Should().HaveCount(refused ? 1 : 0);
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("""{"initMode":"new","pgParameters":{"bad name":"1"}}""", "$.pgParameters: expected names of parameters, found \"bad name\"")]
    [InlineData("""{"initMode":"new","pgParameters":{"work_mem":"1\n2"}}""", "$.pgParameters.work_mem: expected one line, found a line break")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTargetName":"a","recoveryTargetXid":"1"}}}""", "$.pitrConfig.recoveryTargetSettings: *found 2")]
    [InlineData("""{"initMode":"new","failIntervall":"9s"}""", "$.failIntervall: unknown field (did you mean failInterval?)")]
    [InlineData("""{"initMode":"new","pghba":[]}""", "$.pghba: unknown field (did you mean pgHBA?)")]
    public void What_an_operator_gives_must_make_sense(string json, string error)
    {
        Spec(json).Validate().Should().BeEmpty();
        Spec(json).ValidateForInit().Should().ContainSingle().Which.Should().Match(error);
        Spec(json).ValidateForUpdate(Spec(json) with { Unknown = UnknownMembers.None }).Should().ContainSingle().Which.Should().Match(error);
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("""{"initMode":"new","maxStandbys":2,"maxStandbysPerSender":3}""", "$.maxStandbysPerSender: expected at most maxStandbys (2)*found 3")]
    [InlineData("""{"initMode":"new","additionalMasterReplicationSlots":["a","b","a"]}""", "$.additionalMasterReplicationSlots[2]: expected each name once, found \"a\" again")]
    [InlineData("""{"initMode":"new","additionalMasterReplicationSlots":["a23456789012345678901234567890123456789012345678901234567"]}""", "$.additionalMasterReplicationSlots[0]: expected at most 56 characters, found 57")]
    [InlineData("""{"initMode":"new","pgParameters":{"Work_Mem":"1MB","work_mem":"2MB"}}""", "$.pgParameters.work_mem: expected each parameter once, found Work_Mem too*")]
    [InlineData("""{"initMode":"new","pgHBA":["local all all trust\r"]}""", "$.pgHBA[0]: expected one line, found a line break")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"Keeper-1"}}""", "$.existingConfig.keeperUID: expected lower-case letters, digits and _, found \"Keeper-1\"")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"k"},"role":"standby","standbyConfig":{"standbySettings":{}}}""", "$.standbyConfig: expected standbySettings.primaryConninfo or archiveRecoverySettings.restoreCommand, found neither")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"k"},"role":"standby","standbyConfig":{"standbySettings":{"primaryConninfo":"x","primarySlotName":"a-b"}}}""", "$.standbyConfig.standbySettings.primarySlotName: expected *found \"a-b\"")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"k"},"role":"standby","standbyConfig":{"standbySettings":{"primaryConninfo":"x","recoveryMinApplyDelay":"soon"}}}""", "$.standbyConfig.standbySettings.recoveryMinApplyDelay: expected a time such as*found \"soon\"")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","archiveRecoverySettings":{"restoreCommand":"a\nb"}}}""", "$.pitrConfig.archiveRecoverySettings.restoreCommand: expected one line*")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTarget":"now"}}}""", "$.pitrConfig.recoveryTargetSettings.recoveryTarget: expected \"immediate\", found \"now\"")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTargetLsn":"12345"}}}""", "$.pitrConfig.recoveryTargetSettings.recoveryTargetLsn: expected a WAL position*found \"12345\"")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTargetXid":"x1"}}}""", "$.pitrConfig.recoveryTargetSettings.recoveryTargetXid: expected a transaction's number, found \"x1\"")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTargetTime":"yesterday"}}}""", "$.pitrConfig.recoveryTargetSettings.recoveryTargetTime: expected a time such as*found \"yesterday\"")]
    [InlineData("""{"initMode":"pitr","pitrConfig":{"dataRestoreCommand":"x","recoveryTargetSettings":{"recoveryTargetTimeline":"newest"}}}""", "$.pitrConfig.recoveryTargetSettings.recoveryTargetTimeline: expected \"current\", \"latest\" or*found \"newest\"")]
    public void What_would_be_found_out_too_late_is_refused_but_can_be_forced(string json, string error)
    {
        Spec(json).ValidateForInit().Should().ContainSingle().Which.Should().Match(error);
        Spec(json).ValidateForUpdate(Spec(json)).Should().ContainSingle().Which.Should().Match(error);
        Spec(json).ValidateForForcedInit().Should().BeEmpty();
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("""{"initMode":"new","existingConfig":{"keeperUID":"k"}}""", "$.existingConfig: expected nothing with initMode \"new\", because it is for \"existing\"*")]
    [InlineData("""{"initMode":"new","pitrConfig":{"dataRestoreCommand":"x"}}""", "$.pitrConfig: expected nothing with initMode \"new\"*")]
    [InlineData("""{"initMode":"existing","existingConfig":{"keeperUID":"k"},"newConfig":{"encoding":"UTF8"}}""", "$.newConfig: expected nothing with initMode \"existing\"*")]
    [InlineData("""{"initMode":"new","standbyConfig":{"standbySettings":{"primaryConninfo":"host=x"}}}""", "$.standbyConfig: expected nothing with role \"master\"*")]
    public void What_a_new_cluster_would_never_look_at_is_refused_and_lived_with_later(string json, string error)
    {
        Spec(json).ValidateForInit().Should().ContainSingle().Which.Should().Match(error);
        Spec(json).ValidateForForcedInit().Should().BeEmpty();
        Spec(json).ValidateForUpdate(Spec(json)).Should().BeEmpty("a promoted cluster has such a rest");
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("""{"initMode":"new","initMode":"pitr"}""", "$.initMode: given twice")]
    [InlineData("""{"initMode":"new","pgParameters":{"work_mem":"1MB","work_mem":"2MB"}}""", "$.pgParameters.work_mem: given twice")]
    [InlineData("""[]""", "$: expected an object, found []")]
    [InlineData("""{"initMode":"new",}""", "$: expected JSON*")]
    public void What_is_no_specification_is_refused_when_it_is_given(string json, string error) =>
        FluentActions.Invoking(() => ClusterSpecJson.ReadGiven(Encoding.UTF8.GetBytes(json))).Should().Throw<ClusterDataException>().WithMessage(error);

    [Theory]
    [InlineData("initmode", "initMode")]
    [InlineData("pgParamters", "pgParameters")]
    [InlineData("pgParmaeters", "pgParameters")]
    [InlineData("maxStandbyLagg", "maxStandbyLag")]
    [InlineData("something", null)]
    [InlineData("x", null)]
    public void A_slip_of_the_pen_is_recognised(string written, string? meant) =>
        Spec($$"""{"initMode":"new","{{written}}":1}""").ValidateForInit()
            .Should().Equal(meant is null ? $"$.{written}: unknown field" : $"$.{written}: unknown field (did you mean {meant}?)");

    [Fact]
    public void Unknown_fields_are_named_wherever_they_stand_and_nulls_are_none()
    {
        var spec = Spec("""
            {"b":1,"a":null,"newConfig":{"x":1,"locale":null},"pitrConfig":{"x":1,"archiveRecoverySettings":{"x":1},"recoveryTargetSettings":{"x":1}},
             "existingConfig":{"x":1},"standbyConfig":{"x":1,"standbySettings":{"x":1},"archiveRecoverySettings":{"x":1}},"pgHBA":null,"role":null}
            """);

        spec.UnknownFields().Should().Equal(
            "$.a", "$.b", "$.existingConfig.x", "$.newConfig.x", "$.pitrConfig.archiveRecoverySettings.x", "$.pitrConfig.recoveryTargetSettings.x",
            "$.pitrConfig.x", "$.standbyConfig.archiveRecoverySettings.x", "$.standbyConfig.standbySettings.x", "$.standbyConfig.x");
    }

    [Fact]
    public void An_update_does_not_complain_of_unknown_fields_that_were_there_before()
    {
        var present = Spec("""{"initMode":"new","newer":1}""");

        present.Merge("""{"maxStandbys":5}"""u8.ToArray()).ValidateForUpdate(present).Should().BeEmpty();
        present.Merge("""{"maxStandby":5}"""u8.ToArray()).ValidateForUpdate(present).Should().Equal("$.maxStandby: unknown field (did you mean maxStandbys?)");
    }

    [Theory]
    [Trait("Rule", "A2")]
    [InlineData("""{"a":1}""", """{"initMode":"new","a":1}""")]
    [InlineData("""{"initMode":null}""", """{}""")]
    [InlineData("""{"pgParameters":{"x":"1"}}""", """{"initMode":"new","pgParameters":{"x":"1"}}""")]
    [InlineData("""{"newConfig":{"locale":"C","nothing":null}}""", """{"initMode":"new","newConfig":{"locale":"C"}}""")]
    [InlineData("""{"pgHBA":["a"]}""", """{"initMode":"new","pgHBA":["a"]}""")]
    public void A_patch_is_merged(string patch, string result) =>
        New.Merge(Encoding.UTF8.GetBytes(patch)).Should().Be(WithNulls(Spec(result)));

    [Fact]
    [Trait("Rule", "A2")]
    public void A_patch_changes_single_parameters_and_replaces_lists()
    {
        var spec = Spec("""{"initMode":"new","pgParameters":{"a":"1","b":"2"},"pgHBA":["x","y"]}""");

        var merged = spec.Merge("""{"pgParameters":{"a":null,"c":"3"},"pgHBA":["z"]}"""u8.ToArray());

        merged.PgParameters.Should().Equal(new Dictionary<string, string>(StringComparer.Ordinal) { ["b"] = "2", ["c"] = "3" });
        merged.PgHba.Should().Equal("z");
        merged.InitMode.Should().Be(InitMode.New);
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("", "$: expected a patch as JSON*")]
    [InlineData("[]", "$: expected an object as patch, found []")]
    [InlineData("null", "$: expected an object as patch, found null")]
    [InlineData("""{"maxStandbys":"3"}""", "$.maxStandbys: expected a whole number*found \"3\"")]
    public void A_bad_patch_is_refused(string patch, string error) =>
        FluentActions.Invoking(() => New.Merge(Encoding.UTF8.GetBytes(patch))).Should().Throw<ClusterDataException>().WithMessage(error);

    internal static ClusterSpec Spec(string json) => ClusterJson.ReadSpec(Encoding.UTF8.GetBytes(json));

    /// <summary>A written spec has the nulls that stolon writes; they are kept as read.</summary>
    private static ClusterSpec WithNulls(ClusterSpec spec) => ClusterJson.ReadSpec(ClusterJson.Write(spec));
}
