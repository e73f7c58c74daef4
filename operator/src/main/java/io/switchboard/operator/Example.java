package io.switchboard.operator;

/// The names that the worked example uses, and `apps.example.yaml` with it: what commands fall
/// back to, so that a newcomer needs none of their own.
public final class Example {
    public static final String APP = "helpdesk";
    public static final String UUID = "badf677b-23df-2a5b-23ds-81d18g23ec69";

    /// Known to everybody; its SHA-256 is in the example's apps file.
    public static final String CHAT_TOKEN = "sdfd3sdfsd3324cx";

    public static final String URL = "/worksheet/send-message";
    public static final String TYPE = "new_worksheet_to_deal";
    public static final String INFOS = "你有一条新工单待处理";

    private Example() {}
}
