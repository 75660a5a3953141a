package authz

// An Act is one thing that somebody may do.
type Act string

// The register (登记).
const (
	RegistryPublic Act = "registry.public" // what everybody may see
	RegistryRead   Act = "registry.read"   // also what is not public
	RegistryFile   Act = "registry.file"
	RegistryCheck  Act = "registry.check"
	RegistryImport Act = "registry.import"
	RegistryExport Act = "registry.export"
)

// Credit (信用).
const (
	CreditPublic          Act = "credit.public"
	CreditRead            Act = "credit.read"
	CreditPropose         Act = "credit.propose"
	CreditWithdraw        Act = "credit.withdraw"
	CreditCheck           Act = "credit.check"
	CreditIdentify        Act = "credit.identify"
	CreditNotify          Act = "credit.notify"
	CreditAnswer          Act = "credit.answer"
	CreditObject          Act = "credit.object"
	CreditDecideObjection Act = "credit.decide-objection"
	CreditApplyRepair     Act = "credit.apply-repair"
	CreditDecideRepair    Act = "credit.decide-repair"
	CreditAnnul           Act = "credit.annul"
	CreditImport          Act = "credit.import"
	CreditExport          Act = "credit.export"
	CreditReport          Act = "credit.report"
	CreditEvaluate        Act = "credit.evaluate"
	CreditSimulate        Act = "credit.simulate"
	CreditPublishPropose  Act = "credit.publish-propose"
	CreditPublishApprove  Act = "credit.publish-approve"
	CreditCorrect         Act = "credit.correct" // publish a correction of a published cycle
)

// Residents' reports (诉求).
const (
	ReportPublic  Act = "report.public" // the public list, a report's public page, the rates
	ReportFile    Act = "report.file"   // report, join, follow and rate: with or without an account
	ReportRead    Act = "report.read"
	ReportSign    Act = "report.sign" // sign, dispatch, refuse, extend
	ReportAnswer  Act = "report.answer"
	ReportReview  Act = "report.review"
	ReportRelease Act = "report.release" // decide what the public may read
	ReportMerge   Act = "report.merge"
	ReportUrge    Act = "report.urge" // overdue ones: register a case or give time
	ReportImport  Act = "report.import"
	ReportExport  Act = "report.export"
	ReportPhone   Act = "report.phone"        // the telephone of who reported
	ReportKeys    Act = "settings.order-keys" // keys of the 12345 interface
	ReportOrders  Act = "report.orders"
	Open311       Act = "report.open311" // GeoReport v2
)

// Campaigns and inspections (检查).
const (
	CampaignPublic    Act = "campaign.public"
	CampaignRead      Act = "campaign.read"
	CampaignDraft     Act = "campaign.draft"
	CampaignApprove   Act = "campaign.approve"
	CampaignDraw      Act = "campaign.draw"
	CampaignConclude  Act = "campaign.conclude"
	InspectionRead    Act = "inspection.read"
	InspectionDo      Act = "inspection.do"
	InspectionConfirm Act = "inspection.confirm"
	InspectionMend    Act = "inspection.mend"
)

// Practical deeds (为群众办实事).
const (
	DeedPublic    Act = "deed.public"
	DeedConfirm   Act = "deed.confirm" // by a code from the call-back sheet
	DeedRead      Act = "deed.read"
	DeedCollect   Act = "deed.collect"
	DeedAccept    Act = "deed.accept"
	DeedWork      Act = "deed.work"
	DeedSign      Act = "deed.sign"
	DeedVerify    Act = "deed.verify"
	DeedSheet     Act = "deed.sheet"
	DeedPublish   Act = "deed.publish"
	DeedProgramme Act = "deed.programme"
	DeedMonth     Act = "deed.month"
	DeedPublished Act = "deed.published-total"
	DeedImport    Act = "deed.import"
	DeedExport    Act = "deed.export"
)

// Red and black lists (红黑榜).
const (
	ListPublic   Act = "listing.public"
	ListRead     Act = "listing.read"
	ListPropose  Act = "listing.propose" // open a batch, take candidates, approve
	ListNominate Act = "listing.nominate"
	ListReview   Act = "listing.review"
	ListReply    Act = "listing.reply"
	ListPublish  Act = "listing.publish"
	ListRepair   Act = "listing.apply-repair"
	ListDecide   Act = "listing.decide-repair"
	ListCorrect  Act = "listing.correct"
	ListFollow   Act = "listing.follow-up"
)

// Supervision (监管).
const (
	SupervisionPublic   Act = "supervision.public"
	SupervisionRead     Act = "supervision.read"
	SupervisionRegister Act = "supervision.register"
	SupervisionVerify   Act = "supervision.verify"
	SupervisionMerge    Act = "supervision.merge"
	SupervisionOrder    Act = "supervision.order"
	SupervisionReply    Act = "supervision.reply"
	SupervisionReport   Act = "supervision.report"
	SupervisionRecheck  Act = "supervision.recheck"
	SupervisionAgree    Act = "supervision.agree"
	SupervisionReopen   Act = "supervision.reopen"
	SupervisionPropose  Act = "supervision.propose" // a measure
	SupervisionDecide   Act = "supervision.decide"
)

// Rulebooks (规则).
const (
	RulebookRead        Act = "rulebook.read"
	RulebookUpload      Act = "rulebook.upload"
	RulebookOpenComment Act = "rulebook.open-comment"
	RulebookComment     Act = "rulebook.comment"
	RulebookAdopt       Act = "rulebook.adopt"
)

// Surveys (满意度调查).
const (
	SurveyPublic  Act = "survey.public" // published results, and to answer by a code
	SurveyRead    Act = "survey.read"
	SurveyPlan    Act = "survey.plan"
	SurveyRun     Act = "survey.run" // open, close, propose
	SurveySlips   Act = "survey.slips"
	SurveyPaper   Act = "survey.paper"
	SurveyCheck   Act = "survey.check"
	SurveyPublish Act = "survey.publish"
	SurveyCancel  Act = "survey.cancel"
)

// Volunteers (志愿服务).
const (
	VolunteerPublic  Act = "volunteer.public" // calls and totals; to join and sign up
	VolunteerRead    Act = "volunteer.read"
	VolunteerEnter   Act = "volunteer.enter"
	VolunteerCall    Act = "volunteer.call"
	VolunteerConfirm Act = "volunteer.confirm"
	VolunteerServed  Act = "volunteer.served" // confirmed by who was served, by a code
)

// People and accounts (人员与账号).
const (
	AccountSignIn     Act = "identity.sign-in"
	AccountSelf       Act = "identity.self" // own password, sessions, second factor
	AccountDeputise   Act = "identity.deputise"
	AccountRequest    Act = "identity.request"
	AccountConfirm    Act = "identity.confirm"
	AccountRead       Act = "identity.read"
	AccountInvite     Act = "identity.invite"
	AccountSuspend    Act = "identity.suspend"
	AccountHandover   Act = "identity.handover"
	AccountEndSession Act = "identity.end-session"
	GrantPropose      Act = "identity.grant-propose"
	GrantApprove      Act = "identity.grant-approve"
	GrantRevoke       Act = "identity.grant-revoke"
	RecoverPropose    Act = "identity.recover-propose"
	RecoverApprove    Act = "identity.recover-approve"
)

// What every desk needs (公共).
const (
	SiteUse      Act = "site.use"      // the pages that are everybody's
	OverviewRead Act = "overview.read" // the city cockpit
	FeedRead     Act = "feed.read"     // RSS, Atom, calendars of what is public
	LogRead      Act = "log.read"      // the public log of official acts
	DutiesRead   Act = "duties.read"   // the duty matrix itself
	TodoRead     Act = "todo.read"
	FileUpload   Act = "file.upload"
	FileRead     Act = "file.read"
	NotifyRead   Act = "notify.read"
	NotifySend   Act = "notify.send"
	JobOwn       Act = "job.own" // progress and cancelling of what one started
	DataExport   Act = "data.export-personal"
	DataUnmask   Act = "data.unmask"
)

// Running the system (运行).
const (
	JobRead      Act = "job.read"
	JobCancel    Act = "job.cancel"
	SettingsRead Act = "settings.read"
	SettingsEdit Act = "settings.edit"
	ChannelEdit  Act = "notify.channel"
	HookManage   Act = "settings.hooks" // webhooks of public news
	BackupMake   Act = "backup.make"
	BackupReturn Act = "backup.restore"
	KeyRotate    Act = "key.rotate"
	Retention    Act = "retention.change"
	AuditRead    Act = "audit.read"
	AuditExport  Act = "audit.export"
	DoctorRun    Act = "doctor.run"
)
