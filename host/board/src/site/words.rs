//! Words and units of quotas and limits. The node has them in English. Not for: the numbers.

use parcae_domain::{limit::LimitInfo, limit_sources::Source};

use crate::format::{bytes, count, duration};
use crate::view::{Lang, View};

/// A number in its unit.
pub(crate) fn amount(unit: &str, number: u64) -> String {
    let ms = i64::try_from(number).unwrap_or(i64::MAX).saturating_mul(1000);
    match unit {
        "bytes" | "bytes a day" => bytes(number),
        "bytes a second" => format!("{}/s", bytes(number)),
        "lines a second" => format!("{}/s", count(number)),
        "seconds" | "seconds a day" => duration(ms),
        _ => count(number),
    }
}

/// What a quota bounds.
pub(super) fn quota<'w>(view: &View, name: &str, what: &'w str) -> &'w str {
    if view.lang == Lang::En {
        return what;
    }
    match name {
        "concurrent_attempts" => "同时运行的执行数：任务的每个参与方算一个。",
        "queued_jobs" => "等待启动的作业数。",
        "cpu_seconds_per_day" => "每天（UTC）全部执行的处理器时间。",
        "memory_bytes" => "全部执行的内存总和，含节点代为持有的部分。",
        "table_bytes" => "已存储的数据表。",
        "log_bytes" => "已存储的执行日志。",
        "message_bytes_per_day" => "每天（UTC）参与方之间的消息量。",
        "images" => "已推送的组件数。",
        "image_bytes" => "这些组件的镜像大小。",
        "weight" => "多个租户争用节点时的份额，默认为 1。",
        _ => what,
    }
}

/// What a limit bounds.
pub(crate) fn limit(view: &View, info: &LimitInfo) -> &'static str {
    if view.lang == Lang::En {
        return info.what;
    }
    let name = info.name;
    of_attempts(name).or_else(|| of_messages_and_data(name)).or_else(|| of_nodes(name)).unwrap_or(info.what)
}

fn of_attempts(name: &str) -> Option<&'static str> {
    Some(match name {
        "memory_bytes" => "执行的线性内存总和。",
        "memories" => "线性内存个数。",
        "stack_bytes" => "wasm 代码的栈。",
        "tables" => "wasm 代码的表。",
        "table_elements" => "这些表的元素总数。",
        "instances" => "核心实例数。",
        "handles" => "节点为执行持有的对象数（表、写入器、密钥、密文）。",
        "handle_bytes" => "这些对象占用的字节数。",
        "call_bytes" => "组件一次调用传出的字节数。",
        "cpu_seconds" => "执行的处理器时间，含密码运算。",
        "run_seconds" => "执行的实际时间。",
        "peer_seconds" => "一次拉取等待对方的时间。",
        "queued_seconds" => "作业等待启动的时间。",
        "total_seconds" => "作业从提交到结束的时间；作业可用 timeout 要求更短。",
        "log_bytes" => "写入执行日志的字节数，含标准输出与标准错误。",
        "log_lines_per_second" => "日志每秒行数，允许八秒的突发量。",
        "log_bytes_per_second" => "日志每秒字节数，允许八秒的突发量。",
        "random_bytes" => "一次调用取得的随机字节数。",
        "random_total_bytes" => "全部调用取得的随机字节数。",
        _ => return None,
    })
}

fn of_messages_and_data(name: &str) -> Option<&'static str> {
    Some(match name {
        "edge_bytes" => "发往一个参与方的消息字节数。",
        "edge_bytes_ungranted" => "没有 message-volume 授权的外来模块发往一个参与方的字节数。",
        "edge_messages" => "发往一个参与方的消息数。",
        "table_bytes" => "执行写入数据表的字节数。",
        "table_rows" => "执行写入数据表的行数。",
        "page_rows" => "一页的行数。",
        "page_bytes" => "一页的字节数。",
        "metric_series" => "指标序列数。",
        "metric_points" => "全部序列的点数。",
        "model_bytes" => "全部模型部分的字节数；检查点另计，上限相同。",
        "checkpoints" => "模型检查点数。",
        "export_bytes" => "执行在站点磁盘上导出的文件字节数。",
        "scratch_bytes" => "有 scratch 授权的模块临时目录中的字节数。",
        "scratch_files" => "临时目录中的文件与目录数。",
        _ => return None,
    })
}

fn of_nodes(name: &str) -> Option<&'static str> {
    Some(match name {
        "memory_pool_bytes" => "全部执行共用的内存。",
        "attempts" => "同时运行的执行数。",
        "image_bytes" => "组件镜像的字节数。",
        "compile_seconds" => "编译一个镜像的处理器时间。",
        "compile_memory_bytes" => "编译一个镜像的内存。",
        "descriptor_bytes" => "组件描述全部文字的字节数。",
        "describe_seconds" => "组件描述自身所用的时间。",
        "describe_memory_bytes" => "组件描述自身时的线性内存。",
        _ => return None,
    })
}

/// Who decided on a limit.
pub(crate) fn source(view: &View, source: Source) -> &'static str {
    match (view.lang, source.as_str()) {
        (Lang::En, word) => word,
        (Lang::Zh, "node") => "节点",
        (Lang::Zh, "tenant") => "租户",
        (Lang::Zh, "component") => "组件",
        (Lang::Zh, "job") => "作业",
        (Lang::Zh, _) => "默认",
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::{
        limit::{Limits, NodeLimits},
        quota::Quotas,
    };

    use super::*;

    #[test]
    fn all_of_them_are_said_in_both_languages() {
        let zh = View { lang: Lang::Zh, ..View::default() };
        for info in Limits::ALL.iter().chain(NodeLimits::ALL) {
            assert_ne!(limit(&zh, info), info.what, "limit {}", info.name);
            assert_eq!(limit(&View::default(), info), info.what);
        }
        for info in Quotas::ALL {
            assert_ne!(quota(&zh, info.name, info.what), info.what, "quota {}", info.name);
        }
    }

    #[test]
    fn numbers_have_their_unit() {
        assert_eq!(amount("bytes", 512 << 20), "512.0 MiB");
        assert_eq!(amount("seconds", 259_200), "3 d 00:00:00");
        assert_eq!(amount("bytes a second", 1 << 20), "1.0 MiB/s");
        assert_eq!(amount("count", 64), "64");
        assert!(!amount("seconds", u64::MAX).is_empty());
    }
}
