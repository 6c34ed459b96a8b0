using CsCheck;
using Stolon.Cluster;

namespace Stolon.Core.Tests.Cluster;

public class ValueTests
{
    [Theory]
    [Trait("Rule", "M10")]
    [InlineData("5s", 5_000, "5s")]
    [InlineData("1m30s", 90_000, "1m30s")]
    [InlineData("1h30m", 5_400_000, "1h30m0s")]
    [InlineData("48h0m0s", 172_800_000, "48h0m0s")]
    [InlineData("100ms", 100, "100ms")]
    [InlineData("1.5s", 1_500, "1.5s")]
    [InlineData("1500ms", 1_500, "1.5s")]
    [InlineData(".5h", 1_800_000, "30m0s")]
    [InlineData("0", 0, "0s")]
    [InlineData("0s", 0, "0s")]
    [InlineData("-2s", -2_000, "-2s")]
    [InlineData("+2s", 2_000, "2s")]
    public void A_duration_is_read_and_written_in_the_documents_syntax(string text, double milliseconds, string written)
    {
        GoDuration.TryParse(text, out var duration).Should().BeTrue();
        duration.Should().Be(TimeSpan.FromMilliseconds(milliseconds));
        GoDuration.Format(duration).Should().Be(written);
    }

    [Theory]
    [Trait("Rule", "M10")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-")]
    [InlineData("5 s")]
    [InlineData("5d")]
    [InlineData("1.2.3s")]
    [InlineData("00:00:05")]
    [InlineData("9999999999999h")]
    [InlineData("99999999999999999999999999999999999s")]
    [InlineData("2562047h47m16.854775808s")]
    [InlineData("9223372036854775808ns")]
    [InlineData("-2562047h47m16.854775809s")]
    [InlineData("2562048h")]
    public void What_is_no_duration_is_refused(string? text) => GoDuration.TryParse(text, out _).Should().BeFalse();

    [Theory]
    [Trait("Rule", "M10")]
    [InlineData("2562047h47m16.854775807s", "2562047h47m16.8547758s")]
    [InlineData("-2562047h47m16.854775807s", "-2562047h47m16.8547758s")]
    [InlineData("9223372036854775807ns", "2562047h47m16.8547758s")]
    [InlineData("1.99999999s", "1.9999999s")]
    [InlineData("-199ns", "-100ns")]
    [InlineData("99ns", "0s")]
    public void What_is_finer_than_100_ns_is_cut_off_and_never_rounded_up(string text, string written)
    {
        GoDuration.TryParse(text, out var duration).Should().BeTrue();
        GoDuration.Format(duration).Should().Be(written);
        GoDuration.TryParse(written, out _).Should().BeTrue("what is written can be read");
    }

    [Fact]
    [Trait("Rule", "M10")]
    public void Every_duration_survives() => Gen.Long[-GoDuration.Longest.Ticks, GoDuration.Longest.Ticks].Sample(ticks =>
        GoDuration.TryParse(GoDuration.Format(TimeSpan.FromTicks(ticks)), out var read) && read.Ticks == ticks);

    [Theory]
    [InlineData("0/0", 0ul)]
    [InlineData("0/4039A40", 67344960ul)]
    [InlineData("16/B374D848", 0x16B374D848ul)]
    [InlineData("FFFFFFFF/FFFFFFFF", ulong.MaxValue)]
    public void A_position_is_read_and_written_as_PostgreSQL_does(string text, ulong value)
    {
        Lsn.TryParse(text, out var lsn).Should().BeTrue();
        lsn.Should().Be(new Lsn(value));
        lsn.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("123456789/0")]
    [InlineData("g/0")]
    [InlineData("-1/0")]
    [InlineData(" 1/0")]
    public void What_is_no_position_is_refused(string? text) => Lsn.TryParse(text, out _).Should().BeFalse();

    [Fact]
    [Trait("Rule", "P8")]
    public void The_distance_of_positions_is_signed()
    {
        new Lsn(10).BytesAfter(new Lsn(30)).Should().Be(-20);
        new Lsn(ulong.MaxValue).BytesAfter(new Lsn(ulong.MaxValue - 5)).Should().Be(5);
    }

    [Theory]
    [InlineData("2024-01-02T03:04:05.123456789Z", true)]
    [InlineData("2024-01-02T03:04:05Z", true)]
    [InlineData("2024-01-02T03:04:05.1+02:00", true)]
    [InlineData("0001-01-01T00:00:00Z", true)]
    [InlineData("2024-01-02", false)]
    [InlineData("soon", false)]
    [InlineData("", false)]
    public void A_time_is_RFC_3339(string text, bool valid) => new Timestamp(text).IsValid.Should().Be(valid);

    [Fact]
    [Trait("Rule", "Q26")]
    public void Absent_and_empty_lists_are_equal_and_stay_apart_in_JSON()
    {
        default(ValueList<DbId>).Should().Equal(ValueList.Create<DbId>([]));
        default(ValueList<DbId>).IsNull.Should().BeTrue();
        ((ValueList<DbId>)[]).IsNull.Should().BeFalse();
    }
}
